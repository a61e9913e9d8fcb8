// The console with scripts switched off: write, save, send for approval, read, approve, and see it out.

import { check } from './page.mjs';
import { approve, field, openForApproval, openIncident, promise, readAll, signIn, write } from './desk.mjs';

const options = { javaScriptEnabled: false };

await check(async (ana, { base, password, people, facts, blame }, { open, screenshot, seen }) => {
    await signIn(ana, base, 'ana@acme.example', password);
    await openIncident(ana, 'Card payments fail in Europe');
    await write(ana, { ...facts, why: blame });
    await promise(ana);
    await ana.getByRole('button', { name: 'Save', exact: true }).last().click();
    const blocked = ana.locator('.field:has([name="v0.en.why"]) .finding.block').first();
    await blocked.waitFor();
    const pictures = [await screenshot('plain-write', ana)];
    await field(ana, 'why').fill(facts.why);
    await ana.getByRole('button', { name: 'Save', exact: true }).last().click();
    await blocked.waitFor({ state: 'detached' });
    await ana.getByRole('button', { name: 'Send for approval' }).click();
    await ana.getByText('Not you:').waitFor();

    const ben = await open();
    await signIn(ben, base, 'ben@acme.example', password);
    await openForApproval(ben);
    const texts = await readAll(ben);
    await approve(ben, people, password);
    pictures.push(await screenshot('plain-going-out', ben));
    // Nothing moves by itself here: a reader reloads.
    const out = ben.getByRole('heading', { name: 'Update 1 is out' });
    const end = Date.now() + 30_000;
    while (!(await out.isVisible()) && Date.now() < end) await ben.reload();
    pictures.push(await screenshot('plain-completed', ben));
    return { texts, completed: await out.isVisible(), pictures, errors: seen.errors, origins: [...seen.origins] };
}, options);
