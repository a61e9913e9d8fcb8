// From the sign-in to a completed update by two people who touch nothing but their keyboards.

import { check } from './page.mjs';
import { field } from './desk.mjs';

// Tabs on until a place has the focus, as somebody does who sees where it is.
async function to(page, place, name) {
    for (let n = 0; n < 250; n += 1) {
        if (await place.evaluateAll((places) => places.includes(document.activeElement))) {
            const shown = await page.evaluate(() => {
                const at = document.activeElement, look = (of) => getComputedStyle(of);
                const beside = at.nextElementSibling;
                const rings = [at, beside].filter(Boolean).some((of) => look(of).outlineStyle !== 'none' || look(of).boxShadow !== 'none');
                const { bottom, top } = at.getBoundingClientRect();
                return rings && bottom > 0 && top < innerHeight;
            });
            if (!shown) throw new Error(`the focus is not seen at ${name}`);
            return;
        }
        await page.keyboard.press('Tab');
    }
    throw new Error(`no way to ${name} by keyboard at ${page.url()}`);
}

const button = (page, name) => page.getByRole('button', { name });

async function press(page, name, role = 'button', key = 'Enter') {
    await to(page, page.getByRole(role, { name }), name);
    await page.keyboard.press(key);
}

async function type(page, place, text, name) {
    await to(page, place, name);
    await page.keyboard.insertText(text);
}

async function enter(page, base, email, password) {
    await page.goto(`${base}/console`);
    await type(page, page.getByLabel('Mail address'), email, 'the mail address');
    await type(page, page.getByLabel('Password'), password, 'the password');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What customers hear from us now' }).waitFor();
}

await check(async (ana, { base, password, people, facts }, { open, seen }) => {
    await enter(ana, base, 'ana@acme.example', password);
    const skip = ana.getByRole('link', { name: 'To the page' });
    await to(ana, skip, 'the way past the menu');
    await ana.goto(`${base}/console/new`);
    await type(ana, ana.getByLabel('Working title'), 'Card payments fail in Europe', 'the title');
    await press(ana, 'Write the first update');
    await ana.getByRole('heading', { name: 'Update 1' }).waitFor();
    for (const name of ['headline', 'what_happened', 'impact', 'apology', 'doing']) {
        await type(ana, field(ana, name), facts[name], name);
    }
    // The arrow keys move between the offered times.
    await to(ana, ana.locator('input[name=next]'), 'the next update');
    await ana.keyboard.press('ArrowDown');
    await ana.keyboard.press('ArrowDown');
    const submit = ana.locator('.sticky-foot button[value=submit]:enabled');
    await submit.waitFor();
    await to(ana, submit, 'Send for approval');
    await ana.keyboard.press('Enter');
    await ana.getByText('Not you:').waitFor();

    const ben = await open();
    await enter(ben, base, 'ben@acme.example', password);
    await press(ben, /^Approvals/, 'link');
    await ben.getByRole('link', { name: 'Read and decide' }).waitFor();
    await press(ben, 'Read and decide', 'link');
    await ben.getByRole('heading', { name: 'Approve update 1' }).waitFor();
    const texts = ben.locator('details[data-opened-required] > summary');
    const count = await texts.count();
    for (let place = 0; place < count; place += 1) {
        await to(ben, texts.nth(place), `text ${place + 1}`);
        await ben.keyboard.press('Enter');
    }
    await type(ben, ben.getByLabel('Type the number of people'), String(people), 'the number');
    await type(ben, ben.getByLabel('Your password, again'), password, 'the password');
    await to(ben, button(ben, `Send to ${people} people`), 'the button that sends');
    await ben.keyboard.press('Enter');
    await ben.waitForURL('**/console/broadcasts/*');
    await press(ben, /^Stop sending/);
    await ben.getByRole('heading', { name: 'Update 1 is stopped' }).waitFor();
    await press(ben, /^Send on/);
    await ben.getByRole('heading', { name: /^Update 1 is out/ }).waitFor();
    return { texts: count, errors: seen.errors, origins: [...seen.origins] };
});
