//! Reads the text of a filter, by recursive descent.

use super::{Filter, MAX_DEPTH, MAX_LENGTH, Value, token};
use token::{Placed, Token};

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at {position}: {mend}")]
pub struct FilterError {
    /// The byte of the text at which it goes wrong.
    pub position: usize,
    /// What is wrong there.
    pub problem: String,
    /// How to mend it.
    pub mend: String,
}

impl FilterError {
    pub(super) fn new(position: usize, problem: impl Into<String>, mend: impl Into<String>) -> FilterError {
        FilterError { position, problem: problem.into(), mend: mend.into() }
    }
}

/// Reads a filter.
///
/// # Errors
/// [`FilterError`] with the byte at which the text stops being a filter, and how to mend it.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    let too_long = || {
        let mend = format!("a filter has at most {MAX_LENGTH} bytes; give people a tag by import and filter by that");
        FilterError::new(MAX_LENGTH, "filter too long", mend)
    };
    if text.len() > MAX_LENGTH {
        return Err(too_long());
    }
    let mut parser = Parser { tokens: token::tokens(text)?, next: 0, depth: 0 };
    let filter = parser.any()?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("`and`, `or` or the end", "join two conditions with `and` or `or`"));
    }
    // What is kept is the canonical text, which must itself be readable.
    if filter.to_string().len() > MAX_LENGTH {
        return Err(too_long());
    }
    Ok(filter)
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        parse(text)
    }
}

const WORDS: [&str; 9] = ["and", "or", "not", "in", "contains", "has", "tag", "component", "everyone"];

struct Parser {
    /// Closed by [`Token::End`], which is never stepped over.
    tokens: Vec<Placed>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.all()?];
        while self.take_word("or") {
            parts.push(self.all()?);
        }
        Ok(Filter::any(parts))
    }

    fn all(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.one()?];
        while self.take_word("and") {
            parts.push(self.one()?);
        }
        Ok(Filter::all(parts))
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        if self.take_word("not") {
            return self.deeper(|parser| Ok(Filter::Not(Box::new(parser.one()?))));
        }
        if self.take(&Token::Open) {
            let filter = self.deeper(Parser::any)?;
            self.expect(&Token::Close, "`)`", "close the parenthesis, or join two conditions with `and` or `or`")?;
            return Ok(filter);
        }
        if self.take_word("everyone") {
            return Ok(Filter::Everyone);
        }
        if self.take_word("tag") {
            return Ok(Filter::Tag(self.text("write the tag in quotes: tag \"vip\"")?));
        }
        if self.take_word("component") {
            return Ok(Filter::Component(self.text("write the component in quotes: component \"Payments\"")?));
        }
        if self.take_word("has") {
            return Ok(Filter::Has(self.attribute()?));
        }
        let attribute = self.attribute()?;
        self.predicate(attribute)
    }

    fn predicate(&mut self, attribute: String) -> Result<Filter, FilterError> {
        if self.take_word("contains") {
            let text = self.text("write the text in quotes: city contains \"burg\"")?;
            return Ok(Filter::Contains { attribute, text });
        }
        if self.take_word("in") {
            return self.list(attribute);
        }
        if let Token::Operator(operator) = *self.peek() {
            self.next += 1;
            return Ok(Filter::Compare { attribute, operator, value: self.value()? });
        }
        let mend = format!("compare it: {attribute} = \"…\", or ask whether it is there: has {attribute}");
        Err(self.unexpected("=, !=, <, <=, >, >=, `in` or `contains`", &mend))
    }

    fn list(&mut self, attribute: String) -> Result<Filter, FilterError> {
        let mend = "write a list: plan in (\"free\", \"trial\")";
        self.expect(&Token::Open, "`(`", mend)?;
        let mut values = vec![self.value()?];
        while self.take(&Token::Comma) {
            values.push(self.value()?);
        }
        self.expect(&Token::Close, "`,` or `)`", mend)?;
        Ok(Filter::OneOf { attribute, values })
    }

    fn value(&mut self) -> Result<Value, FilterError> {
        let value = match self.peek() {
            Token::Text(text) => Value::Text(text.clone()),
            Token::Number(number) => Value::Number(*number),
            Token::Word(word) => {
                let mend = format!("put text in quotes: \"{word}\"");
                return Err(self.unexpected("a text or a number", &mend));
            }
            _ => return Err(self.unexpected("a text or a number", "write a text in quotes, or a number")),
        };
        self.next += 1;
        Ok(value)
    }

    fn text(&mut self, mend: &str) -> Result<String, FilterError> {
        match self.peek() {
            Token::Text(text) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.unexpected("a text in quotes", mend)),
        }
    }

    fn attribute(&mut self) -> Result<String, FilterError> {
        match self.peek() {
            Token::Word(word) if !WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)) => {
                let name = word.clone();
                self.next += 1;
                Ok(name)
            }
            Token::Text(_) => {
                let mend = "write an attribute's name without quotes, or tag \"…\" or component \"…\"";
                Err(self.unexpected("a condition", mend))
            }
            _ => Err(self.unexpected("a condition", "write one such as country = \"DE\", tag \"vip\" or everyone")),
        }
    }

    fn deeper(&mut self, read: fn(&mut Parser) -> Result<Filter, FilterError>) -> Result<Filter, FilterError> {
        if self.depth == MAX_DEPTH {
            let (position, _) = self.tokens[self.next];
            let mend = format!("at most {MAX_DEPTH} levels of `(` and `not` are read; split it into two segments");
            return Err(FilterError::new(position, "filter nested too deep", mend));
        }
        self.depth += 1;
        let filter = read(self)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn take(&mut self, token: &Token) -> bool {
        let there = self.peek() == token;
        self.next += usize::from(there);
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word));
        self.next += usize::from(there);
        there
    }

    fn expect(&mut self, token: &Token, expected: &str, mend: &str) -> Result<(), FilterError> {
        if self.take(token) { Ok(()) } else { Err(self.unexpected(expected, mend)) }
    }

    fn unexpected(&self, expected: &str, mend: &str) -> FilterError {
        let (position, token) = &self.tokens[self.next];
        let found = match token {
            Token::Word(word) => format!("`{word}`"),
            Token::Text(_) => "a text".to_owned(),
            Token::Number(number) => format!("`{number}`"),
            Token::Operator(operator) => format!("`{}`", operator.as_str()),
            Token::Open => "`(`".to_owned(),
            Token::Close => "`)`".to_owned(),
            Token::Comma => "`,`".to_owned(),
            Token::End => "the end".to_owned(),
        };
        FilterError::new(*position, format!("{found} in place of {expected}"), mend)
    }
}
