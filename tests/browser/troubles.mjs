// Ana's session ends while she writes, then the daemon dies; it dies again while her update goes out; the texts are refused
// until their supplier is mended; and at last the correction is sent.

import { check } from './page.mjs';
import { approve, field, openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

await check(async (ana, { base, switch: daemon, gateway, password, people, facts }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
    };
    const ask = (url) => ana.request.post(url, { timeout: 60_000 });
    const saved = () => ana.locator('[data-saved]').filter({ hasText: /^Saved/ }).waitFor();

    await signIn(ana, base, 'ana@acme.example', password);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, facts);
    await promise(ana);
    await saved();
    const place = ana.url();

    await ana.context().clearCookies();
    await field(ana, 'impact').fill('Written before the session ended.');
    await ana.getByRole('link', { name: 'Sign in again' }).waitFor();
    await show('write-signed-out', ana);
    await ana.getByRole('link', { name: 'Sign in again' }).click();
    await ana.getByLabel('Mail address').fill('ana@acme.example');
    await ana.getByLabel('Password').fill(password);
    await ana.getByRole('button', { name: 'Sign in' }).click();
    await ana.waitForURL(place);
    const expired = await field(ana, 'impact').inputValue();
    await saved();

    await ask(`${daemon}/kill`);
    await field(ana, 'impact').fill('Written while nothing answered.');
    await ana.getByText('Not saved yet.').first().waitFor();
    await show('write-unsaved', ana);
    await ask(`${daemon}/start`);
    await saved();
    await ana.reload();
    const died = await field(ana, 'impact').inputValue();
    await ana.locator('.sticky-foot button[value=submit]:enabled').click();
    await ana.getByText('Not you:').waitFor();

    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await openForApproval(ben);
    await readAll(ben);
    await approve(ben, people, password);
    await ben.getByRole('heading', { name: 'Update 1 is going out' }).waitFor();
    await ben.getByRole('cell', { name: '8 / 8' }).waitFor();
    await ask(`${daemon}/kill`);
    await ben.getByText('The connection is lost').waitFor();
    const lost = await ben.locator('.live-state').innerText();
    await show('going-out-lost', ben);
    await ask(`${daemon}/start`);
    // It catches up by itself, and ends.
    await ben.getByRole('heading', { name: /^Update 1 is out/ }).waitFor();
    const wrong = await ben.locator('#wrong').innerText();
    await show('partly-failed', ben);

    await ask(`${gateway}/mend`);
    await ben.getByRole('button', { name: /^Send again to the [0-9]+ where it failed/ }).click();
    await ben.getByRole('heading', { name: 'but not everyone got it' }).waitFor({ state: 'detached' });
    await ben.getByRole('heading', { name: /^Update 1 is out/ }).waitFor();
    await show('mended', ben);
    await ben.getByRole('button', { name: /^Send the correction/ }).click();
    await ben.getByRole('button', { name: /^Send the correction to/ }).click();
    await ben.getByRole('heading', { name: /correction .*is out/i }).waitFor();
    const correction = await ben.locator('h1').innerText();
    await show('correction', ben);
    return { expired, died, lost, wrong, correction, faults, pictures, origins: [...seen.origins] };
});
