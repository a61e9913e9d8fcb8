// Ana writes, Ben approves, everything is stopped once and goes on, and everybody can see what became of it.

import { check } from './page.mjs';
import { approve, field, openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

await check(async (ana, { base, password, people, facts, blame }, { open, screenshot, serious, seen }) => {
    const faults = [], pictures = [];
    const show = async (name, page, dark = false) => {
        faults.push(...(await serious(page)));
        pictures.push(await screenshot(name, page), await screenshot(`${name}-phone`, page, { width: 390 }));
        if (!dark) return;
        pictures.push(await screenshot(`${name}-dark`, page, { dark: true }));
        await page.emulateMedia({ colorScheme: 'dark' });
        faults.push(...(await serious(page)));
        await page.emulateMedia({ colorScheme: null });
    };

    await signIn(ana, base, 'ana@acme.example', password);
    await show('now-empty', ana);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, { ...facts, why: blame });
    await promise(ana);
    const blocked = ana.locator('.found:has([name="v0.en.why"]), .field:has([name="v0.en.why"]) .finding.block').first();
    await blocked.waitFor();
    const blocking = await blocked.innerText();
    const send = ana.getByRole('button', { name: 'Send for approval' });
    const refused = await send.isDisabled();
    await show('write-blocked', ana);

    // Somebody else is not to blame: the checker's own words instead, and what is left of the sentence by hand.
    const better = blocked.getByRole('button', { name: 'Use this' });
    const offered = await better.count();
    if (offered) await better.click();
    const used = await field(ana, 'why').inputValue();
    await field(ana, 'why').fill(facts.why);
    await ana.locator('.sticky-foot button[value=submit]:enabled').waitFor();
    await show('write', ana, true);
    await send.click();
    await ana.getByText('Not you:').waitFor();
    const own = await ana.getByRole('button', { name: /^Send to/ }).count();

    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await openForApproval(ben);
    const gate = ben.getByRole('button', { name: `Send to ${people} people` });
    const closed = await gate.getAttribute('aria-disabled');
    const texts = await readAll(ben);
    await show('approve', ben, true);
    await approve(ben, people, password);
    await ben.getByRole('heading', { name: 'Update 1 is going out' }).waitFor();

    // Ana stops everything while it goes out; Ben's page says so by itself, and so does one that is about something else.
    const aside = await ben.context().newPage();
    await aside.goto(`${base}/console/people`);
    await ana.goto(`${base}/console`);
    await ana.getByRole('button', { name: 'Stop everything' }).click();
    await ana.getByText('Nothing is sent and nothing starts by itself').waitFor();
    const held = await ana.getByRole('alert').innerText();
    const stopped = await ana.locator('section:has-text("Stopped on its way")').innerText();
    await ben.getByRole('heading', { name: 'Update 1 is stopped' }).waitFor();
    await show('stopped', ana);
    const still = await ben.getByRole('main').innerText();
    await show('going-out-stopped', ben);
    const told = await aside.getByRole('alert').innerText();
    await ana.getByLabel('Why is it right to start again?').fill('The text is right after all.');
    await ana.getByRole('button', { name: /^Send on this one, to [0-9]+ more/ }).click();
    await aside.getByRole('alert').waitFor({ state: 'detached' });
    await aside.getByRole('button', { name: 'Stop everything' }).waitFor();
    await ben.getByRole('heading', { name: 'Update 1 is going out' }).waitFor();
    await show('going-out', ben);
    await ben.getByRole('heading', { name: 'Update 1 is out' }).waitFor();
    await ben.getByText('The same as a table').click();
    const curve = await ben.locator('svg.chart').getAttribute('aria-label');
    await show('completed', ben, true);

    await ana.getByRole('link', { name: 'Outbox' }).click();
    await ana.getByRole('heading', { name: 'Outbox' }).waitFor();
    const mail = await ana.locator('iframe.mailframe').first().contentFrame().locator('body').innerText();
    await show('outbox', ana);
    await ana.getByRole('link', { name: 'People' }).click();
    await ana.getByLabel('Find somebody').fill('Customer 7');
    await ana.getByRole('button', { name: 'Find' }).click();
    await ana.getByRole('link', { name: 'Customer 7', exact: true }).waitFor();
    await show('people', ana);
    await ana.getByRole('link', { name: 'Customer 7', exact: true }).click();
    await ana.getByRole('heading', { name: 'Customer 7' }).waitFor();
    await show('person', ana, true);
    await ana.getByRole('link', { name: 'Edit' }).click();
    await ana.getByRole('heading', { name: 'Edit a person' }).waitFor();
    await show('person-edit', ana);
    await ana.goto(`${base}/console/people/import`);
    await show('import', ana);
    const lines = ['customer_id,name,email', 'c1,Customer One,c1@example.test', 'c2,Customer Two,nobody'];
    await ana.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
    await ana.getByRole('button', { name: 'Import it' }).click();
    await ana.getByRole('heading', { name: 'What came of the import' }).waitFor();
    const imported = await ana.getByRole('main').innerText();
    await show('imported', ana);
    await ana.goto(`${base}/console`);
    await ana.getByText('Write update 2').waitFor();
    await show('now', ana);

    const reader = await open();
    await reader.goto(`${base}/`);
    await reader.getByText(facts.headline).first().waitFor();
    await show('status', reader, true);
    return { blocking, refused, offered, used, own, closed, texts, held, stopped, told, curve, imported, still, mail, faults, pictures, errors: seen.errors, origins: [...seen.origins] };
});
