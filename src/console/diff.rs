//! What changes for customers, word by word.

/// Whether a run of words stays, comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// In both texts.
    Same,
    /// In the new one only.
    New,
    /// In the old one only.
    Gone,
}

/// Words of each text that are compared; a text beyond that is shown as wholly new.
const MOST: usize = 2_000;

/// The runs of words in which two texts differ: the longest common subsequence of words and line ends.
pub(super) fn words(old: &str, new: &str) -> Vec<(Change, String)> {
    let (before, after) = (split(old), split(new));
    if before.len() > MOST || after.len() > MOST {
        return vec![(Change::Gone, old.to_owned()), (Change::New, new.to_owned())];
    }
    let width = after.len() + 1;
    let mut common = vec![0_u16; (before.len() + 1) * width];
    for row in (0..before.len()).rev() {
        for column in (0..after.len()).rev() {
            common[row * width + column] = if before[row] == after[column] {
                common[(row + 1) * width + column + 1] + 1
            } else {
                common[(row + 1) * width + column].max(common[row * width + column + 1])
            };
        }
    }
    let mut runs: Vec<(Change, String)> = Vec::new();
    let mut push = |change, word: &str| match runs.last_mut() {
        Some((last, text)) if *last == change => text.push_str(word),
        _ => runs.push((change, word.to_owned())),
    };
    let (mut row, mut column) = (0, 0);
    while row < before.len() || column < after.len() {
        if row < before.len() && column < after.len() && before[row] == after[column] {
            push(Change::Same, after[column]);
            (row, column) = (row + 1, column + 1);
        } else if column == after.len()
            || (row < before.len() && common[(row + 1) * width + column] >= common[row * width + column + 1])
        {
            push(Change::Gone, before[row]);
            row += 1;
        } else {
            push(Change::New, after[column]);
            column += 1;
        }
    }
    runs
}

/// Words with the white space behind them.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive([' ', '\n']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_comes_and_goes_gives_back_both_texts() {
        let (old, new) = ("We are looking for the cause. Next update 11:00.", "We found the cause. Next update 11:30.");
        let runs = words(old, new);
        let side = |gone: Change| {
            runs.iter().filter(|(change, _)| *change != gone).map(|(_, text)| text.as_str()).collect::<String>()
        };
        assert_eq!((side(Change::New).as_str(), side(Change::Gone).as_str()), (old, new));
        assert!(runs.contains(&(Change::Same, "the cause. Next update ".to_owned())));
    }

    #[test]
    fn texts_without_a_word_in_common_and_empty_ones_are_no_trouble() {
        assert_eq!(words("", ""), []);
        assert_eq!(words("", "New."), [(Change::New, "New.".to_owned())]);
        let long = "word ".repeat(MOST + 1);
        assert_eq!(words(&long, "x").len(), 2);
    }
}
