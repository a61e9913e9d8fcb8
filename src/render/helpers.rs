//! What templates can do beyond handlebars' own: place holes, leave sentences out, end sentences.
//!
//! | helper | does |
//! |---|---|
//! | `{{hole "name" fallback="there" max=40}}` | a recipient's field; `before=" "` stands before a value only |
//! | `{{unsubscribe_url}}` | the page behind the unsubscribe link |
//! | `{{#spare 2}}…{{else}}…{{/spare}}` | leaves its text out second, where a text must get shorter |
//! | `{{paragraph}}` | a new paragraph of a post, whose line ends are read as spaces |
//! | `{{newline}}` | a new line of a post |
//! | `{{#lacks text part …}}…{{/lacks}}` | where none of the parts is in the text |
//! | `{{sentence text}}` | the text with a full stop, unless it ends with a mark of its own |
//! | `{{lines text}}` | the text, HTML-escaped, with `<br>` for its line ends |
//!
//! `if` and `unless` are handlebars' own made strict: an unknown field is an error, not false.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable, html_escape,
};
use serde_json::Value;

use super::{
    pieces::{LINE_END, PARAGRAPH},
    rendering::{Attribute, Source},
};

/// Stand around a hole in a template's output. Of Unicode's private use area, and taken out of every fact.
pub(super) const MARK_START: char = '\u{f8f0}';
pub(super) const MARK_END: char = '\u{f8f1}';

/// Registers every helper.
pub(super) fn register(engine: &mut Handlebars<'static>) {
    engine.unregister_helper("log");
    engine.register_helper("hole", Box::new(hole));
    engine.register_helper("unsubscribe_url", Box::new(unsubscribe_url));
    engine.register_helper("sentence", Box::new(sentence));
    engine.register_helper("lines", Box::new(lines));
    engine.register_helper("paragraph", Box::new(paragraph));
    engine.register_helper("newline", Box::new(newline));
    engine.register_helper("spare", Box::new(Spare));
    engine.register_helper("lacks", Box::new(Lacks));
    engine.register_helper("if", Box::new(Strictly { wanted: true }));
    engine.register_helper("unless", Box::new(Strictly { wanted: false }));
}

/// Reads what stands between [`MARK_START`] and [`MARK_END`].
pub(super) fn read_mark(mark: &str) -> Option<Source> {
    serde_json::from_slice(&STANDARD_NO_PAD.decode(mark).ok()?).ok()
}

/// base64 without spaces or line ends, so that tidying the text around it leaves it alone.
fn write_mark(source: &Source, out: &mut dyn Output) -> HelperResult {
    let json = serde_json::to_vec(source).map_err(RenderErrorReason::from)?;
    out.write(&format!("{MARK_START}{}{MARK_END}", STANDARD_NO_PAD.encode(json)))?;
    Ok(())
}

fn hole(h: &Helper, _: &Handlebars, _: &Context, _: &mut RenderContext, out: &mut dyn Output) -> HelperResult {
    let refuse = |what: &str| RenderErrorReason::Other(format!("hole: {what}"));
    let text = |name: &str| h.hash_get(name).and_then(|value| value.value().as_str()).map(str::to_owned);
    let name = h.param(0).and_then(|name| name.value().as_str()).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| refuse("name the field in quotes: {{hole \"name\" fallback=\"\" max=40}}"))?;
    let fallback = text("fallback").ok_or_else(|| refuse("give a fallback=\"…\", which may be empty"))?;
    let max = h.hash_get("max").and_then(|max| max.value().as_u64()).and_then(|max| u32::try_from(max).ok());
    let max = max.filter(|max| (1..=500).contains(max)).ok_or_else(|| refuse("give a max= from 1 to 500"))?;
    let before = text("before").unwrap_or_default();
    if [&fallback, &before].into_iter().any(|text| text.contains(char::is_control)) {
        return Err(refuse("fallback and before are one line").into());
    }
    write_mark(&Source::Attribute(Attribute { name: name.to_owned(), before, fallback, max }), out)
}

fn unsubscribe_url(
    _: &Helper,
    _: &Handlebars,
    _: &Context,
    _: &mut RenderContext,
    out: &mut dyn Output,
) -> HelperResult {
    write_mark(&Source::UnsubscribeUrl, out)
}

fn paragraph(_: &Helper, _: &Handlebars, _: &Context, _: &mut RenderContext, out: &mut dyn Output) -> HelperResult {
    out.write(PARAGRAPH)?;
    Ok(())
}

fn newline(_: &Helper, _: &Handlebars, _: &Context, _: &mut RenderContext, out: &mut dyn Output) -> HelperResult {
    out.write(LINE_END)?;
    Ok(())
}

fn sentence(h: &Helper, r: &Handlebars, _: &Context, _: &mut RenderContext, out: &mut dyn Output) -> HelperResult {
    let text = text_of(h, 0)?.trim();
    out.write(&r.get_escape_fn()(text))?;
    // Behind an address a full stop would become part of it.
    let address = text.rsplit(char::is_whitespace).next().is_some_and(|last| last.contains("://"));
    let ended =
        text.trim_end_matches(['"', '”', '“', '»', '’', ')']).ends_with(['.', '!', '?', '…', ':', '。', '！', '？']);
    if !text.is_empty() && !ended && !address {
        out.write(".")?;
    }
    Ok(())
}

fn lines(h: &Helper, _: &Handlebars, _: &Context, _: &mut RenderContext, out: &mut dyn Output) -> HelperResult {
    out.write(&html_escape(text_of(h, 0)?.trim()).replace('\n', "<br>"))?;
    Ok(())
}

/// The text of a parameter, or the error of an unknown field.
fn text_of<'a>(h: &'a Helper<'_>, index: usize) -> Result<&'a str, RenderError> {
    let param = h.param(index).ok_or(RenderErrorReason::InvalidParamType("a text"))?;
    match param.value() {
        Value::String(text) => Ok(text),
        _ if param.is_value_missing() => Err(RenderError::strict_error(param.relative_path())),
        _ => Err(RenderErrorReason::InvalidParamType("a text").into()),
    }
}

/// The block where `yes`, what stands behind its `else` otherwise.
fn branch<'reg: 'rc, 'rc>(
    yes: bool,
    h: &Helper<'rc>,
    r: &'reg Handlebars<'reg>,
    ctx: &'rc Context,
    rc: &mut RenderContext<'reg, 'rc>,
    out: &mut dyn Output,
) -> HelperResult {
    let template = if yes { h.template() } else { h.inverse() };
    template.map_or(Ok(()), |template| template.render(r, ctx, rc, out))
}

struct Strictly {
    wanted: bool,
}

impl HelperDef for Strictly {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let param = h.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("if", 0))?;
        if param.is_value_missing() {
            return Err(RenderError::strict_error(param.relative_path()));
        }
        branch(param.value().is_truthy(false) == self.wanted, h, r, ctx, rc, out)
    }
}

struct Spare;

impl HelperDef for Spare {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let place = h.param(0).and_then(|place| place.value().as_u64()).filter(|place| (1..=9).contains(place));
        let place = place.ok_or_else(|| RenderErrorReason::Other("spare: give its place from 1 to 9".to_owned()))?;
        let dropped = ctx.data().get("dropped").and_then(Value::as_array);
        let stays = dropped.is_none_or(|dropped| !dropped.contains(&Value::from(place)));
        branch(stays, h, r, ctx, rc, out)
    }
}

struct Lacks;

impl HelperDef for Lacks {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text = text_of(h, 0)?;
        let mut lacking = true;
        for index in 1..h.params().len() {
            lacking &= !text.contains(text_of(h, index)?);
        }
        branch(lacking, h, r, ctx, rc, out)
    }
}
