// Ana and Ben in one draft: marks stay with their words, better words go in and out again, each sees the other, nobody
// overwrites silently, and what could not be saved comes back with the page.

import { check } from './page.mjs';
import { field, openIncident, promise, signIn, write } from './desk.mjs';

await check(async (ana, { base, password, facts, blame }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
        pictures.push(await screenshot(`${name}-dark`, page, { dark: true }));
    };
    await signIn(ana, base, 'ana@acme.example', password);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, { ...facts, doing: blame });
    await promise(ana);
    const marks = ana.locator('[data-marks="v0-en-doing"]');
    await marks.locator('mark.block').waitFor();
    const kept = await field(ana, 'doing').evaluate((box) => {
        box.value = `Now: ${box.value}`;
        box.dispatchEvent(new Event('input', { bubbles: true }));
        const marks = document.querySelector('[data-marks="v0-en-doing"]');
        return { same: marks.textContent === box.value, mark: marks.querySelector('mark').textContent };
    });
    const better = ana.locator('.field:has([name="v0.en.doing"]) button[data-use]').first();
    const used = [];
    await better.click();
    used.push((await field(ana, 'doing').inputValue()).includes('supplier'));
    await ana.getByRole('button', { name: 'Undo' }).click();
    used.push((await field(ana, 'doing').inputValue()).includes('supplier'));

    // How a mail is looked at outlives the answer to a save.
    await ana.locator('label[for="look-0-en-phone"]').click();
    await field(ana, 'doing').fill(facts.doing);
    await ana.locator('.preview .entry').getByText(facts.doing).first().waitFor();
    const look = await ana.locator('.look.phone').first().isVisible();

    // The previews keep up with typing, the mail's frame too: they do not wait for a save.
    await ana.route('**/save', (route) => route.abort());
    await field(ana, 'impact').fill('Seen before it is saved.');
    await ana.locator('.preview .entry').getByText('Seen before it is saved.').first().waitFor();
    await ana.locator('.look.phone iframe').first().contentFrame().locator('p.ink', { hasText: 'Seen before it is saved.' }).waitFor();
    await ana.unroute('**/save');
    await show('write-looks', ana);

    // The answer to a save is lost: the next words are no colleague's. Nor are those of a tab that is put aside meanwhile.
    const refused = [];
    const note = ana.locator('[data-saved]');
    ana.on('response', (answer) => answer.url().endsWith('/save') && refused.push(...(answer.ok() ? [] : [answer.status()])));
    await note.filter({ hasText: /^Saved/ }).waitFor();
    await ana.route('**/save', async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
    await field(ana, 'impact').fill('Saved, and nobody heard of it.');
    await note.filter({ hasText: 'Not saved yet' }).waitFor();
    await field(ana, 'impact').fill('Written after that.');
    await note.filter({ hasText: /^Saved/ }).waitFor();
    let release;
    const held = new Promise((done) => { release = done; });
    await ana.route('**/save', async (route) => { await held; await route.continue(); }, { times: 1 });
    const first = ana.waitForRequest('**/save');
    await field(ana, 'impact').fill('On its way.');
    await first;
    await field(ana, 'impact').fill('Typed last, and left.');
    await ana.evaluate(() => {
        Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    });
    const unsaved = () => !Object.keys(sessionStorage).some((key) => key.startsWith('unsaved'));
    release();
    await ana.waitForFunction(unsaved);
    const alone = [...refused];
    await ana.reload();
    const left = await field(ana, 'impact').inputValue();
    await ana.locator('html.scripted').waitFor();

    // Closed before the answer came: what arrived is not offered as if it had not.
    const arrived = new Promise((done) => ana.route('**/save', async (route) => { await route.fetch(); done(); }, { times: 1 }));
    await field(ana, 'impact').fill('Typed last, and arrived.');
    await arrived;
    await ana.reload();
    await ana.locator('html.scripted').waitFor();
    const arrives = [await ana.evaluate(unsaved), await ana.getByRole('button', { name: 'See both, and choose' }).count()];

    const saves = (page) => page.waitForResponse((answer) => answer.url().endsWith('/save') && answer.ok());
    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await ben.goto(ana.url());
    await ben.getByText('Ana has this open').waitFor();
    await ana.bringToFront();
    await ana.getByText('Ben has this open').waitFor();
    await field(ben, 'impact').fill('Ben’s impact');
    await ben.locator('.preview .entry').getByText('Ben’s impact').first().waitFor();
    await field(ana, 'headline').fill('Ana’s headline');
    await ana.getByRole('button', { name: 'See both, and choose' }).click();
    await ana.getByRole('heading', { name: 'Two people wrote update 1' }).waitFor();
    await show('conflict', ana);
    await ana.getByRole('button', { name: 'Put both together' }).click();
    await ana.getByRole('heading', { name: /^Update 1/ }).waitFor();
    const both = [await field(ana, 'headline').inputValue(), await field(ana, 'impact').inputValue()];
    await ana.getByRole('link', { name: /all versions/ }).click();
    await ana.getByRole('heading', { name: 'Versions of update 1' }).waitFor();
    await show('versions', ana);
    await ana.getByRole('link', { name: 'Back to the text' }).click();

    await ana.locator('html.scripted').waitFor();
    await ana.context().setOffline(true);
    await field(ana, 'impact').fill('Typed without a connection.');
    await ana.getByText('Not saved yet').waitFor();
    await ana.context().setOffline(false);
    const hers = saves(ana);
    await ana.reload();
    const restored = await field(ana, 'impact').inputValue();
    await hers;

    // Unsaved words come back beside what a colleague saved since.
    await ana.context().setOffline(true);
    await field(ana, 'headline').fill('Ana’s again');
    await note.filter({ hasText: 'Not saved yet' }).waitFor();
    await ben.reload();
    const his = saves(ben);
    await field(ben, 'impact').fill('Ben’s again');
    await his;
    await ana.context().setOffline(false);
    await ana.reload();
    const again = [await field(ana, 'headline').inputValue()];
    await ana.getByRole('button', { name: 'See both, and choose' }).click();
    await ana.getByRole('heading', { name: 'Two people wrote update 1' }).waitFor();
    again.push(await ana.getByRole('row', { name: 'Headline' }).innerText());
    await ana.getByRole('button', { name: 'Put both together' }).click();
    await ana.getByRole('heading', { name: /^Update 1/ }).waitFor();
    again.push(await field(ana, 'headline').inputValue(), await field(ana, 'impact').inputValue());
    await ana.locator('html.scripted').waitFor();
    const asked = await ana.getByRole('button', { name: 'See both, and choose' }).count();
    return { kept, used, look, both, alone, left, arrives, restored, again, asked, faults, pictures, origins: [...seen.origins] };
});
