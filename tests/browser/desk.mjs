// What colleagues do at the console, the same with scripts and without.

export async function signIn(page, base, email, password) {
    await page.goto(`${base}/console`);
    await page.getByLabel('Mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'What customers hear from us now' }).waitFor();
}

// Opens an incident and leaves the author at its first update.
export async function openIncident(page, title) {
    await page.getByRole('link', { name: 'Tell customers something' }).click();
    await page.getByLabel('Working title').fill(title);
    await page.getByRole('button', { name: 'Write the first update' }).click();
    await page.getByRole('heading', { name: 'Update 1' }).waitFor();
}

export const field = (page, name) => page.locator(`[name="v0.en.${name}"]`);

export async function write(page, facts) {
    await page.locator('label:has(input[name=status][value=identified])').click();
    for (const [name, text] of Object.entries(facts)) {
        const box = field(page, name);
        // Rarer fields are folded away.
        if (!(await box.isVisible())) await page.getByText('Why, prevention, next steps, risks, links').click();
        await box.fill(text);
    }
}

// Promises the next update at the second of the times that the page offers.
export async function promise(page) {
    await page.locator('label:has(input[name=next])').nth(1).click();
}

export async function openForApproval(page) {
    await page.getByRole('link', { name: /^Approvals/ }).click();
    await page.getByRole('link', { name: 'Read and decide' }).click();
    await page.getByRole('heading', { name: 'Approve update 1' }).waitFor();
}

// Opens every text; gives how many there were.
export async function readAll(page) {
    const texts = page.locator('details[data-opened-required]');
    const count = await texts.count();
    for (let place = 0; place < count; place += 1) {
        const text = texts.nth(place);
        await text.locator(':scope > summary').click();
        await text.getByLabel('I read this').check();
    }
    return count;
}

export async function approve(page, people, password) {
    await page.getByLabel('Type the number of people').fill(String(people));
    await page.getByLabel('Your password, again').fill(password);
    await page.getByRole('button', { name: `Send to ${people} people` }).click();
    await page.waitForURL('**/console/broadcasts/*');
}
