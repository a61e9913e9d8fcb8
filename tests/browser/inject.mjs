// Every field that anybody can fill holds markup and scripts. Each page is opened, and nothing of it may become a part of
// the page: not an element, not a script, not a dialog, not a request to somebody else.

import { check } from './page.mjs';
import { signIn } from './desk.mjs';

// What the payload would make of a page if any of it were taken for markup, in frames and shadow roots too.
const taken = (mail) => {
    const found = [];
    const look = (root) => {
        for (const one of root.querySelectorAll('*')) {
            if (one.hasAttribute('data-hit')) found.push(one.outerHTML);
            if (one.getAttributeNames().some((name) => name.startsWith('on'))) found.push(one.outerHTML);
            for (const name of ['href', 'src', 'action', 'formaction']) {
                if (/^\s*(javascript|data|vbscript):/i.test(one.getAttribute(name) ?? '')) found.push(one.outerHTML);
            }
            if (one.shadowRoot) look(one.shadowRoot);
        }
    };
    // A mail's frame runs no script, not even ours: its text is read elsewhere as the browser reads it.
    look(mail === undefined ? document : new DOMParser().parseFromString(mail, 'text/html'));
    if (globalThis.hit) found.push(`a script ran: ${globalThis.hit}`);
    return found.map((text) => text.slice(0, 200));
};

// The banner's shadow root is closed to everybody; here it is looked into.
const opened = () => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };
};

await check(async (ana, { base, password, payload, pages, shop }, { open, screenshot, seen }) => {
    const dialogs = [], faults = [], pictures = [];
    let shown = 0, mails = 0;
    const blank = await open();
    const visit = async (page, place) => {
        // An answer without a page has nothing to look at.
        if (!(await (await page.request.get(base + place)).text())) return;
        await page.goto(base + place);
        // What is folded away is opened: it is a part of the page all the same.
        await page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
        for (const fault of await page.evaluate(taken)) faults.push(`${place}: ${fault}`);
        const frames = await page.evaluate(() => [...document.querySelectorAll('iframe[src]')].map((frame) => frame.src));
        for (const frame of frames) {
            const mail = await (await page.request.get(frame)).text();
            mails += 1;
            for (const fault of await blank.evaluate(taken, mail)) faults.push(`${frame}: ${fault}`);
        }
        if ((await page.content()).includes('data-hit')) shown += 1;
    };
    const watched = async (page) => {
        page.on('dialog', (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
        return page;
    };
    await watched(ana);
    await signIn(ana, base, 'ada@acme.example', password);
    for (const place of pages.console) await visit(ana, place);
    await ana.goto(`${base}/console/people/import`);
    const cell = `"${payload.replaceAll('"', '""')}"`;
    const lines = ['customer_id,name,email', 'c9,Somebody,c9@example.test', `${cell},${cell},${cell}`, `,${cell},x@example.test`];
    await ana.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
    await ana.getByRole('button', { name: 'Import it' }).click();
    await ana.waitForURL('**/console/imports/*');
    await visit(ana, new URL(ana.url()).pathname);

    // A form that cannot be taken shows again what was typed.
    await ana.goto(`${base}/console/people/new`);
    for (const box of await ana.locator('main input:not([type=hidden]):not([type=checkbox]), main textarea').all()) await box.fill(payload);
    await ana.locator('main form button').first().click();
    await ana.locator('[aria-invalid], .finding.block').first().waitFor();
    faults.push(...(await ana.evaluate(taken)));
    await visit(ana, '/console');
    pictures.push(await screenshot('inject-now', ana));
    await visit(ana, pages.incident);
    pictures.push(await screenshot('inject-incident', ana));
    const kept = await ana.locator('#kept-1 .finding').count();

    const stranger = await watched(await open());
    for (const place of pages.open) await visit(stranger, place);
    await visit(stranger, pages.status);
    pictures.push(await screenshot('inject-status', stranger));
    await stranger.context().addInitScript(opened);
    await stranger.goto(shop);
    await stranger.getByRole('region').waitFor();
    faults.push(...(await stranger.evaluate(taken)));
    const banner = await stranger.evaluate(() => [...document.querySelectorAll('*')].map((one) => one.shadowRoot?.textContent ?? '').join(''));
    // A page that is not there is no fault of a page.
    const errors = seen.errors.filter((error) => !/status of 4\d\d/.test(error));
    return { faults, dialogs, errors, shown, mails, kept, banner, pictures, origins: [...seen.origins] };
});
