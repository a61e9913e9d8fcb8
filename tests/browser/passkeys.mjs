// Ben makes a passkey, signs in with it and approves with it. The authenticator is a virtual one (CDP's WebAuthn domain).

import { check } from './page.mjs';
import { openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

await check(async (ana, { base, password, people, facts }, { open, screenshot, serious, seen }) => {
    const faults = [];
    const show = async (name, page) => {
        faults.push(...(await serious(page)));
        await screenshot(name, page);
        await screenshot(`${name}-phone`, page, { width: 390 });
        await screenshot(`${name}-dark`, page, { dark: true });
    };
    const local = base.replace('127.0.0.1', 'localhost');
    const ben = await open();
    const tools = await ben.context().newCDPSession(ben);
    await tools.send('WebAuthn.enable');
    const options = {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true,
    };
    const { authenticatorId } = await tools.send('WebAuthn.addVirtualAuthenticator', { options });

    const other = await open();
    await signIn(other, base, 'ben@acme.example', password);
    await other.goto(`${base}/console/settings/factor`);
    const elsewhere = await other.locator('[data-passkey-elsewhere]').innerText();
    const plain = await open({ javaScriptEnabled: false });
    await signIn(plain, base, 'ben@acme.example', password);
    await plain.goto(`${base}/console/settings/factor`);
    const button = await plain.getByRole('button', { name: 'Add a passkey' }).isVisible();

    await signIn(ben, local, 'ben@acme.example', password);
    await ben.goto(`${local}/console/settings/factor`);
    await show('passkeys-none', ben);
    const add = async (name, secret) => {
        await ben.getByLabel('A name for it').fill(name);
        await ben.getByLabel('Your password, again').fill(secret);
        await ben.getByRole('button', { name: /^Add (a|another) passkey$/ }).click();
    };
    const state = ben.locator('form:has(#passkey-name) [data-passkey-state]');
    await add('My laptop', 'not the password');
    await state.filter({ hasText: 'the password is not right' }).waitFor();
    const wrong = await state.innerText();
    // A refusal that is expected is an error to the browser's log.
    seen.errors.length = 0;
    await add('My laptop', password);
    await ben.locator('#codes').waitFor();
    const codes = await ben.locator('#codes li').allInnerTexts();
    await show('passkeys-codes', ben);
    await ben.goto(`${local}/console/settings/factor`);
    const rows = await ben.locator('#passkeys table').innerText();
    await show('passkeys', ben);
    await add('Again', password);
    await state.filter({ hasText: 'already' }).waitFor();
    const twice = await state.innerText();

    await ben.goto(`${local}/console/settings`);
    await ben.getByRole('button', { name: 'Sign out' }).click();
    await ben.getByLabel('Mail address').fill('ben@acme.example');
    await ben.getByLabel('Password').fill(password);
    await ben.getByRole('button', { name: 'Sign in' }).click();
    await ben.getByRole('heading', { name: 'Now your passkey' }).waitFor();
    await show('passkeys-sign-in', ben);
    await ben.getByRole('button', { name: 'Use your passkey' }).click();
    await ben.getByRole('heading', { name: 'What customers hear from us now' }).waitFor();

    await signIn(ana, base, 'ana@acme.example', password);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, facts);
    await promise(ana);
    await ana.locator('.sticky-foot button[value=submit]:enabled').click();
    await ana.getByText('Not you:').waitFor();

    await openForApproval(ben);
    await readAll(ben);
    await ben.getByLabel('Type the number of people').fill(String(people));
    await show('passkeys-approve', ben);
    const beside = await ben.context().newPage();
    await beside.goto(ben.url());
    await beside.locator('#details > summary').click();
    const opened = await beside.locator('#details').innerText();
    await beside.close();
    const send = ben.getByRole('button', { name: `Send to ${people} people` });
    await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await send.click();
    const asking = ben.locator('[data-passkey-state]');
    await asking.filter({ hasText: 'nothing was sent' }).waitFor();
    const cancelled = await asking.innerText();
    await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await send.click();
    await ben.getByRole('heading', { name: 'Update 1 is out' }).waitFor();
    const policies = seen.errors.filter((text) => text.includes('Content Security Policy'));
    return { opened, elsewhere, plain: button, wrong, twice, cancelled, codes: codes.length, rows, faults, policies, errors: seen.errors };
});
