// Every field that anybody can fill holds markup and scripts. Each page is opened, and nothing of it may become a part of
// the page: not an element, not a script, not a dialog, not a request to somebody else.

import { check } from './page.mjs';
import { signIn } from './desk.mjs';

// What the payload would make of a page if any of it were taken for markup, in all frames and shadow roots.
const taken = () => {
    const found = [];
    const look = (root) => {
        for (const one of root.querySelectorAll('*')) {
            if (one.hasAttribute('data-hit')) found.push(one.outerHTML);
            if ([...one.attributes].some(({ name }) => name.startsWith('on'))) found.push(one.outerHTML);
            for (const name of ['href', 'src', 'action', 'formaction']) {
                if (/^\s*(javascript|data|vbscript):/i.test(one.getAttribute(name) ?? '')) found.push(one.outerHTML);
            }
            if (one.shadowRoot) look(one.shadowRoot);
        }
    };
    look(document);
    if (globalThis.hit) found.push(`a script ran: ${globalThis.hit}`);
    return found.map((text) => text.slice(0, 200));
};

await check(async (ana, { base, password, payload, pages, shop }, { open, screenshot, seen }) => {
    const dialogs = [], faults = [], pictures = [];
    let shown = 0;
    const visit = async (page, place) => {
        await page.goto(place.startsWith('http') ? place : base + place);
        // What is folded away is opened: it is a part of the page all the same.
        await page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
        for (const frame of page.frames()) {
            for (const fault of await frame.evaluate(taken)) faults.push(`${place}: ${fault}`);
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
    const lines = [`customer_id,name,email,${payload.replaceAll('"', '').replaceAll(',', '')}`, `,"${payload.replaceAll('"', '""')}","${payload.replaceAll('"', '""')}",1`];
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
    await stranger.goto(shop);
    await stranger.locator('#onevoice-banner, [data-onevoice], onevoice-banner').first().waitFor({ state: 'attached' }).catch(() => {});
    await stranger.waitForFunction(() => [...document.querySelectorAll('*')].some((one) => one.shadowRoot));
    faults.push(...(await stranger.evaluate(taken)));
    const banner = await stranger.evaluate(() => [...document.querySelectorAll('*')].map((one) => one.shadowRoot?.textContent ?? '').join(''));
    // A page that is not there is no fault of a page.
    const errors = seen.errors.filter((error) => !/status of 4\d\d/.test(error));
    return { faults, dialogs, errors, shown, kept, banner, pictures, origins: [...seen.origins] };
});
