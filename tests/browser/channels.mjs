// Ana has Channels open while Ben checks a sign-in and tests it: her page says so by itself. Contact routes, their form,
// components, the schedule and the report are looked at on the way.

import { check } from './page.mjs';
import { signIn } from './desk.mjs';

await check(async (ana, { base, password }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
        pictures.push(await screenshot(`${name}-dark`, page, { dark: true }));
    };
    await signIn(ana, base, 'ana@acme.example', password);
    await ana.goto(`${base}/console/channels`);
    const mails = ana.locator('#by-mails');
    await mails.getByText('Limits').click();
    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await ben.goto(`${base}/console/channels`);
    await ben.getByRole('button', { name: 'Check now: the sign-in of mails' }).click();
    await mails.getByText('Needs no sign-in.').waitFor();
    const after = await mails.innerText();
    const stays = await mails.locator('#limits-mails').evaluate((details) => details.open);
    await ben.getByRole('button', { name: 'Send a test to me by mails' }).click();
    await ben.getByText('Your test went to ben@acme.example').waitFor();
    await show('channels', ben);

    await ben.goto(`${base}/console/routes`);
    await ben.getByRole('link', { name: 'Add the first way' }).click();
    await ben.getByLabel('How?').fill('+44 20 7946 0000');
    await ben.getByLabel('What is it best for?').first().fill('Urgent payments');
    await ben.getByLabel('What is said while it is overloaded?').first().fill('Many are calling; the chat is faster');
    await show('route-edit', ben);
    await ben.getByRole('button', { name: 'Propose it' }).click();
    await ben.getByText('It waits for somebody else who approves.').waitFor();
    await show('routes', ben);
    for (const page of ['components', 'components/new', 'approvals', 'schedule', 'report', 'settings/own']) {
        await ben.goto(`${base}/console/${page}`);
        await show(page.replace('/', '-'), ben);
    }
    return { after, stays, faults, pictures, errors: seen.errors, origins: [...seen.origins] };
});
