// Ana writes a group row by row and sees its count change as she chooses; then she looks who gets nothing of an update.

import { check } from './page.mjs';
import { openIncident, promise, signIn, write } from './desk.mjs';

await check(async (ana, { base, password, facts }, { screenshot, serious, seen }) => {
    const faults = [];
    const show = async (name) => {
        faults.push(...(await serious(ana)));
        await screenshot(name, ana);
        await screenshot(`${name}-phone`, ana, { width: 390 });
        await screenshot(`${name}-dark`, ana, { dark: true });
    };
    await signIn(ana, base, 'ana@acme.example', password);
    await ana.goto(`${base}/console/segments`);
    await ana.getByRole('link', { name: 'Name the first group' }).click();
    await ana.getByLabel('Name', { exact: true }).fill('VIPs in Germany');
    await ana.getByLabel('Condition 1: what is looked at').selectOption('country');
    const found = ana.locator('[data-preview=values-0]');
    await found.filter({ hasText: 'DE' }).waitFor();
    const values = await found.innerText();
    await ana.getByLabel('Condition 1: value').fill('DE');
    const count = ana.locator('[data-preview=count]');
    await count.filter({ hasText: '20 people' }).waitFor();
    const text = await ana.locator('[data-preview=text]').innerText();
    const typed = await ana.getByLabel('Condition 1: value').inputValue();
    const tried = await ana.locator('[data-preview=tried]').innerText();
    await show('segment-rows');
    await ana.getByRole('button', { name: 'Add a condition' }).click();
    await ana.getByLabel('Condition 2: what is looked at').selectOption('tag');
    await ana.getByLabel('Condition 2: value').fill('vip');
    await count.filter({ hasText: '10 people' }).waitFor();
    const both = await count.innerText();
    await show('segment-two-rows');
    await ana.getByRole('button', { name: 'Save this group' }).click();
    await ana.getByText(/saved \d/).waitFor();
    await ana.getByRole('button', { name: 'Write it as text' }).click();
    const kept = await ana.getByLabel('Who is in it').inputValue();
    await show('segment-text');
    await ana.goto(`${base}/console/segments`);
    await show('segments');

    await ana.goto(`${base}/console`);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, facts);
    await promise(ana);
    const id = new URL(ana.url()).pathname.split('/').pop();
    await ana.getByRole('button', { name: 'Save', exact: true }).click();
    await ana.goto(`${base}/console/updates/${id}/nothing?on=sms`);
    const nothing = await ana.locator('main').innerText();
    await show('nothing');
    return { values, text, typed, tried, both, kept, nothing, faults, errors: seen.errors, origins: [...seen.origins] };
});
