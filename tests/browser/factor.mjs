// Ben sets up a second factor, signs in with it, sends an update back with a note at its words, and approves the next one.

import { createHmac } from 'node:crypto';

import { check } from './page.mjs';
import { openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

// What an authenticator app shows for a secret in base32 (RFC 6238).
const shownByApp = (secret) => {
    const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
    const hash = createHmac('sha1', key).update(counter).digest();
    const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
};

await check(async (ana, { base, password, people, facts }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
        pictures.push(await screenshot(`${name}-dark`, page, { dark: true }));
    };
    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await ben.goto(`${base}/console/settings`);
    await show('settings', ben);
    await ben.getByRole('link', { name: 'Set it up' }).click();
    await ben.getByRole('button', { name: 'Set up an authenticator app' }).click();
    const secret = await ben.locator('#secret').innerText();
    await show('factor', ben);
    await ben.getByLabel('The six digits that it shows').fill(shownByApp(secret));
    await ben.getByLabel('Your password, again').fill(password);
    await ben.getByRole('button', { name: 'Use it from now on' }).click();
    const codes = await ben.locator('#codes li').allInnerTexts();
    await show('factor-codes', ben);
    await ben.getByRole('link', { name: 'I have kept them' }).click();
    await ben.getByRole('button', { name: 'Sign out' }).click();
    await ben.getByLabel('Mail address').fill('ben@acme.example');
    await ben.getByLabel('Password').fill(password);
    await ben.getByRole('button', { name: 'Sign in' }).click();
    await ben.getByRole('heading', { name: 'Now the code from your phone' }).waitFor();
    await show('sign-in-code', ben);
    await ben.getByLabel('Code from your authenticator app').fill(codes[0]);
    await ben.getByRole('button', { name: 'Sign in' }).click();
    await ben.getByRole('heading', { name: 'What customers hear from us now' }).waitFor();

    await signIn(ana, base, 'ana@acme.example', password);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, facts);
    await promise(ana);
    const submit = ana.locator('.sticky-foot button[value=submit]:enabled');
    await submit.click();
    await ana.getByText('Not you:').waitFor();

    await openForApproval(ben);
    const mail = ben.locator('fieldset.flip').first();
    await mail.locator('label:has-text("No name")').click();
    const flipped = await mail.locator('.pane:visible').allInnerTexts();
    const text = ben.locator('details[data-opened-required]').first();
    await text.locator(':scope > summary').click();
    await text.locator('.subject').selectText();
    await text.getByText('Something here should change').click();
    const quoted = await text.getByLabel('Which words?').inputValue();
    await text.getByLabel('What should change?').fill('Say which cards.');
    await show('approve-note', ben);
    await ben.getByText(/^Return it to .* with a note$/).click();
    await ben.getByRole('button', { name: /^Return to/ }).click();
    await ben.getByRole('heading', { name: 'Nothing waits for a yes' }).waitFor();

    await ana.goto(`${base}/console`);
    await ana.getByRole('link', { name: 'Go on with update 1' }).click();
    const note = await ana.locator('.field:has([name="v0.en.headline"]) .finding.note').innerText();
    await show('write-note', ana);
    await submit.click();
    await ana.getByText('Not you:').waitFor();

    await openForApproval(ben);
    await readAll(ben);
    await ben.getByLabel('Type the number of people').fill(String(people));
    await ben.getByLabel('Code from your phone').fill(codes[1]);
    await ben.getByRole('button', { name: `Send to ${people} people` }).click();
    await ben.getByRole('heading', { name: 'Update 1 is out' }).waitFor();
    return { codes: codes.length, flipped, quoted, note, faults, pictures, errors: seen.errors, origins: [...seen.origins] };
});
