//! Bytes to records: a CSV reader that is fed whatever arrives and never holds more than one record.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The longest record, in bytes of its cells together.
pub const MAX_RECORD: usize = 64 << 10;

/// The most columns.
pub const MAX_COLUMNS: usize = 1000;

/// One line of the file; more than one where a cell in quotes holds line breaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// The cells, or what is wrong with all of it.
    pub cells: Result<Cells<'a>, Unfit>,
}

/// The cells of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cells<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of them.
    pub fn get(&self, place: usize) -> Option<&'a [u8]> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.bytes.get(start..end)
    }

    /// All of them in order.
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).filter_map(move |place| self.get(place))
    }

    /// Every byte of every cell.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// Why a record cannot be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Longer than [`MAX_RECORD`].
    TooLong,
    /// More than [`MAX_COLUMNS`] cells.
    TooWide,
    /// A quote opens in it, and the file ends before it closes.
    NeverEnds,
}

/// Cuts bytes into records.
pub(super) struct Records {
    reader: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    written: usize,
    cells: usize,
    unfit: Option<Unfit>,
    /// The line that the record under way begins on; None between records.
    begun: Option<u64>,
    line: u64,
    last: u8,
}

impl Records {
    pub fn new(delimiter: u8) -> Records {
        Records {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            output: vec![0; MAX_RECORD + 1],
            ends: vec![0; MAX_COLUMNS + 1],
            written: 0,
            cells: 0,
            unfit: None,
            begun: None,
            line: 1,
            last: 0,
        }
    }

    /// Reads on, and hands each record that is complete to `take`.
    ///
    /// # Errors
    /// Those of `take`, which end the reading.
    pub fn push<E>(&mut self, mut input: &[u8], take: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
        while !input.is_empty() {
            if self.begun.is_none() {
                let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                let (skipped, rest) = input.split_at(blank);
                self.count_lines(skipped);
                input = rest;
                if input.is_empty() {
                    return Ok(());
                }
                self.begun = Some(self.line);
            }
            let (ended, read) = self.step(input);
            let (consumed, rest) = input.split_at(read);
            self.count_lines(consumed);
            input = rest;
            if ended {
                self.hand_over(take)?;
            }
        }
        Ok(())
    }

    /// Hands over the last record, if it had no line end.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn finish<E>(&mut self, take: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
        if self.begun.is_none() {
            return Ok(());
        }
        // A line end closes every record but one with an open quote, which takes it in.
        let mut probe: &[u8] = b"\n";
        loop {
            let (ended, read) = self.step(probe);
            probe = &probe[read..];
            if ended {
                break;
            }
            if probe.is_empty() {
                self.unfit = Some(Unfit::NeverEnds);
                break;
            }
        }
        self.hand_over(take)
    }

    /// One step of the reader: whether the record ended, and how many bytes were read. What does not fit is dropped.
    fn step(&mut self, input: &[u8]) -> (bool, usize) {
        let (result, read, written, cells) =
            self.reader.read_record(input, &mut self.output[self.written..], &mut self.ends[self.cells..]);
        self.written += written;
        self.cells += cells;
        if self.written > MAX_RECORD {
            self.unfit.get_or_insert(Unfit::TooLong);
        } else if self.cells > MAX_COLUMNS {
            self.unfit.get_or_insert(Unfit::TooWide);
        }
        let ended = matches!(result, ReadRecordResult::Record);
        if self.unfit.is_some() && !ended {
            (self.written, self.cells) = (0, 0);
        }
        (ended, read)
    }

    fn hand_over<E>(&mut self, take: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
        let line = self.begun.take().unwrap_or(self.line);
        let whole = Cells { bytes: &self.output[..self.written], ends: &self.ends[..self.cells] };
        let cells = match self.unfit.take() {
            Some(unfit) => Err(unfit),
            None => Ok(whole),
        };
        (self.written, self.cells) = (0, 0);
        take(Record { line, cells })
    }

    /// Lines end in `\n`, in `\r\n`, and in the `\r` of old spreadsheets.
    fn count_lines(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\r' || (*byte == b'\n' && self.last != b'\r') {
                self.line += 1;
            }
            self.last = *byte;
        }
    }
}
