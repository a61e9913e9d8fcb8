// What the banner's script believes and what it does with it, on a page of another origin under a strict policy. The
// origins stand in this script, so that they can lie: they alter, replay, and come too late.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { generateKeyPairSync, sign } from 'node:crypto';
import { check } from './page.mjs';

const SCRIPT = readFileSync(new URL('../../src/public/assets/banner.js', import.meta.url));
const keys = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const named = keys.map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x);
const HOUR = 3_600_000;

const text = (headline, more = {}) => ({
    lang: 'en', headline, text: 'Bank transfer works.', note: '', next: '', link: 'https://status.example/7',
    link_label: 'Details', label: 'Service message', dismiss: 'Dismiss', ...more,
});
const banner = (headline, more = {}) => ({
    id: 7, sequence: 1, severity: 'warning', next_update_at: null, locale: 'en', texts: { en: text(headline) }, ...more,
});
const sealed = (said, { sequence = 1, life = HOUR, by = 0 } = {}) => {
    const expires_at = new Date(Date.now() + life).toISOString();
    const payload = JSON.stringify({ sequence, issued_at: new Date().toISOString(), expires_at, banner: said });
    return { version: 2, payload, signature: sign(null, Buffer.from(payload), keys[by].privateKey).toString('base64url') };
};
const altered = (envelope, from, to) => ({ ...envelope, payload: envelope.payload.replace(from, to) });

// An origin: `live` is what it answers, null hangs, undefined breaks the connection; `streams` are its listeners.
const servers = [];
const origin = async (answer) => {
    const place = { live: undefined, script: true, streams: new Set() };
    const server = createServer((request, response) => {
        const kind = (type) => response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' });
        if (answer) return answer(request, response, kind);
        if (request.url === '/banner.js' && place.script) return kind('text/javascript').end(SCRIPT);
        if (request.url === '/banner/live.json' && place.live === null) return undefined;
        if (request.url === '/banner/live.json' && place.live) return kind('application/json').end(JSON.stringify(place.live));
        if (request.url === '/banner/events' && place.live && !place.mute) {
            kind('text/event-stream').write(': hello\n\n');
            place.streams.add(response);
            return undefined;
        }
        return request.socket.destroy();
    });
    servers.push(server);
    await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
    place.url = `http://127.0.0.1:${server.address().port}`;
    place.push = (envelope) => place.streams.forEach((stream) => stream.write(`data: ${JSON.stringify(envelope)}\n\n`));
    return place;
};

const own = await origin();
const copy = await origin();
const shop = await origin((request, response, kind) => {
    const asked = new URL(request.url, 'http://shop');
    const tag = (base) => {
        const paths = asked.searchParams.get('paths');
        const key = asked.searchParams.get('key') ?? named[0];
        return `<script src="${base}/banner.js"${key ? ` data-key="${key}"` : ''} data-origins="${own.url} ${copy.url}"${paths ? ` data-paths="${paths}"` : ''} async></script>`;
    };
    const all = `${own.url} ${copy.url}`;
    response.setHeader('content-security-policy', `default-src 'none'; script-src ${all}; connect-src ${all}`);
    kind('text/html').end(`<!doctype html><html lang="${asked.searchParams.get('lang') ?? 'en'}"><meta charset="utf-8"><title>Shop</title>${asked.searchParams.has('copied') ? '' : tag(own.url)}${asked.searchParams.has('alone') ? '' : tag(copy.url)}
        <main><h1>Shop</h1><label>Search <input id="search"></label></main></html>`);
});

// Every way that is known to get from text into a page, in every text.
const PAYLOADS = (() => {
    const run = 'globalThis.hit=1';
    const tags = ['script', 'img', 'svg', 'iframe', 'object', 'embed', 'video', 'audio', 'body', 'input', 'details', 'marquee', 'form', 'math', 'style', 'link', 'meta', 'base', 'template', 'a'];
    const events = ['onerror', 'onload', 'onfocus', 'ontoggle', 'onclick', 'onmouseover', 'onanimationstart', 'onbegin'];
    const found = [`<script>${run}</script>`, `</script><script>${run}</script>`, `<scr<script>ipt>${run}</script>`, `javascript:${run}`, ` javascript:${run}`, `java\nscript:${run}`,
        `data:text/html,<script>${run}</script>`, `vbscript:${run}`, `\${${run}}`, `{{constructor.constructor('${run}')()}}`, `"-${run}-"`, `';${run}//`, `"><script>${run}</script>`,
        `--><script>${run}</script>`, `]]><script>${run}</script>`, `\u2028${run}\u2029`, `\u0000<script>${run}</script>`, `<svg><script>${run}</script></svg>`, `&lt;script&gt;${run}&lt;/script&gt;`,
        `<style>@import 'javascript:${run}'</style>`, `<meta http-equiv=refresh content="0;javascript:${run}">`, `<base href="javascript:${run}//">`, `<a href="javascript:${run}">x</a>`,
        `<iframe srcdoc="<script>parent.hit=1</script>">`, `<iframe src="javascript:parent.hit=1">`, '__proto__', 'constructor', 'data: x\n\ndata: y', '%3Cscript%3E', '<!--'];
    for (const tag of tags) for (const event of events) found.push(`"'><${tag} src=x href=x autofocus ${event}=${run}>`);
    return found;
})();

// Playwright and axe-core look into open shadow roots only, and the banner's is closed.
const opened = () => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) { return globalThis.attached = attach.call(this, { ...options, mode: 'open' }); };
    globalThis.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { globalThis.shifted += value; })).observe({ type: 'layout-shift', buffered: true });
    globalThis.violations = 0;
    document.addEventListener('securitypolicyviolation', () => { globalThis.violations += 1; });
};
const withoutEd25519 = () => {
    const known = SubtleCrypto.prototype.importKey;
    SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
        return algorithm === 'Ed25519' ? Promise.reject(new DOMException('unknown', 'NotSupportedError')) : known.call(this, format, data, algorithm, ...rest);
    };
};

await check(async (_, __, { open, serious, screenshot, seen }) => {
    const said = (page) => page.evaluate(() => globalThis.attached?.querySelector('b')?.textContent ?? '');
    // Opens the shop as somebody new and gives what the banner says once it has decided.
    const visit = async (query = '', prepare = [], wait = true) => {
        const page = await open();
        for (const script of [opened, ...prepare]) await page.context().addInitScript(script);
        const asked = wait && page.waitForEvent('requestfinished').catch(() => null);
        await page.goto(`${shop.url}/${query}`);
        await asked;
        return page;
    };
    // What was asked for and refused leaves nothing to wait for but that nothing more is under way.
    const settled = async (query, prepare) => {
        const page = await visit(query, prepare);
        await page.waitForLoadState('networkidle');
        const found = await said(page);
        await page.context().close();
        return found;
    };
    const results = {};
    own.mute = true; // No stream yet: it would never be idle.

    own.live = sealed(banner('True'));
    copy.live = sealed(banner('Copied'));
    results.signed = await settled('');
    // The copy's script may load first, and is not the one to ask first.
    results.copysScript = await settled('?copied');
    results.language = await (async () => {
        own.live = sealed(banner('True', { texts: { en: text('True'), de: text('Wahr', { lang: 'de' }) } }));
        return [await settled('?lang=de-AT'), await settled('?lang=fr')];
    })();
    results.paths = [await settled('shop/1?paths=/shop/*'), await settled('other?paths=/shop/*%20/account')];
    // Our own origin lies or is dead, and the copy is asked.
    own.live = altered(sealed(banner('True')), 'True', 'False');
    results.alteredAtHome = await settled('');
    own.live = sealed(banner('Forged'), { by: 1 });
    results.forged = await settled('');
    own.live = sealed(banner('Old'), { life: -HOUR });
    results.expired = await settled('');
    own.live = undefined;
    results.dead = await settled('');
    own.script = false;
    results.deadWithItsScript = await settled('');
    // The copy lies, too.
    own.script = true;
    for (const [name, live] of Object.entries({
        altered: altered(sealed(banner('Copied')), 'Copied', 'False'), forged: sealed(banner('Forged'), { by: 1 }),
        expired: sealed(banner('Old'), { life: -HOUR }), unsigned: { version: 2, payload: sealed(banner('Bare')).payload, signature: '' },
        broken: { version: 2, payload: '{', signature: '!' }, another: { version: 3 },
    })) {
        copy.live = live;
        results[`copy ${name}`] = await settled('');
    }
    copy.live = sealed(banner('Copied'));
    // With one tag alone: the script's own origin is the one that is dead.
    results.unknowing = [await settled('?alone', [withoutEd25519])];
    results.keyless = [await settled('?alone&key=')];
    own.live = sealed(banner('True'));
    results.unknowing.push(await settled('?alone', [withoutEd25519]));
    results.keyless.push(await settled('?alone&key='));

    // Slow: nothing waits for it, and the copy is not asked before the limit.
    own.live = null;
    const slow = await visit('', [], false);
    results.slow = [await slow.locator('h1').textContent(), await said(slow)];
    await slow.context().close();

    // Live: what is pushed shows, an older state does not, and what was put away comes back with the next word.
    own.mute = false;
    own.live = sealed(banner('One'), { sequence: 5 });
    const page = await visit('');
    const region = page.getByRole('region', { name: 'Service message' });
    await region.getByText('One').waitFor();
    while (own.streams.size === 0) await page.evaluate(() => new Promise(requestAnimationFrame));
    own.push(sealed(banner('Two', { sequence: 2 }), { sequence: 6 }));
    await region.getByText('Two').waitFor();
    own.push(sealed(banner('One'), { sequence: 5 }));
    own.push(sealed(banner('Two', { sequence: 2, texts: { en: text('Two', { note: 'Seen' }) } }), { sequence: 7 }));
    await region.getByText('Seen').waitFor();
    results.replayed = await said(page);
    const soon = new Date(Date.now() + HOUR).toISOString();
    const promised = (at) => banner('Two', { sequence: 2, next_update_at: at, texts: { en: text('Two', { next: 'Next update by 11:30' }) } });
    own.push(sealed(promised(soon), { sequence: 8 }));
    await region.getByText('Next update by 11:30').waitFor();
    results.faults = await serious(page);
    await screenshot('banner-promise', page, { whole: false });
    own.push(sealed(promised(new Date(Date.now() - HOUR).toISOString()), { sequence: 9 }));
    await region.getByText('Next update by 11:30').waitFor({ state: 'detached' });
    await region.getByRole('button').click();
    await region.waitFor({ state: 'detached' });
    const asked = page.waitForResponse('**/banner/live.json');
    await page.reload();
    await asked;
    own.push(sealed(banner('Three', { sequence: 3, severity: 'critical' }), { sequence: 10 }));
    own.live = sealed(banner('Three', { sequence: 3, severity: 'critical' }), { sequence: 10 });
    await page.reload();
    await page.getByRole('alert').getByText('Three').waitFor();
    results.shifted = await page.evaluate(() => globalThis.shifted);

    // More than a hundred payloads, in every text at once.
    own.streams.clear();
    await page.reload();
    await page.getByText('Three').waitFor();
    while (own.streams.size === 0) await page.evaluate(() => new Promise(requestAnimationFrame));
    const tagsOf = () => page.evaluate(() => [...globalThis.attached.querySelectorAll('*')].map(({ localName, attributes }) =>
        `${localName} ${[...attributes].map(({ name }) => name).sort()}`).sort().join('; '));
    let sequence = 20;
    const links = new Set();
    const shapes = new Set();
    for (const payload of PAYLOADS) {
        sequence += 1;
        const everywhere = Object.fromEntries(Object.keys(text('')).map((name) => [name, payload]));
        const id = `p${sequence}`;
        own.push(sealed(banner('', { sequence, severity: payload, next_update_at: soon, texts: { en: { ...everywhere, headline: `${id} ${payload}` } } }), { sequence }));
        await page.waitForFunction((id) => globalThis.attached.querySelector('b')?.textContent.startsWith(id), id);
        links.add(await page.evaluate(() => globalThis.attached.querySelector('a').getAttribute('href')));
        shapes.add(await tagsOf());
    }
    await page.getByRole('button').click();
    results.payloads = {
        count: PAYLOADS.length, shapes: shapes.size, links: [...links],
        hit: await page.evaluate(() => globalThis.hit ?? 0), violations: await page.evaluate(() => globalThis.violations),
        added: await page.evaluate(() => document.querySelectorAll('body > :not(main, div)').length),
    };
    // Its own error lines about the network are the browser's, and no error of the page.
    results.errors = seen.errors.filter((error) => !error.includes('net::ERR_'));
    results.size = gzipSync(SCRIPT).length;
    servers.forEach((server) => { server.closeAllConnections(); server.close(); });
    return results;
});
