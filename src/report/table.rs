//! Tables of plain text.

/// Characters of the widest cell; one that is wider is cut.
const WIDEST: usize = 400;

/// Rows below a heading, each column as wide as its widest cell, the last one as it comes.
pub fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let heading = heading.map(ToOwned::to_owned);
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| cut(cell))).collect();
    let all = || std::iter::once(&heading).chain(&rows);
    let widths: [usize; N] =
        std::array::from_fn(|column| all().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for row in all() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn cut(cell: &str) -> String {
    match cell.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_a_hundred_thousand_characters_is_cut() {
        let text = table(["N", "WHY"], &[["é".repeat(100_000), "x".repeat(100_000)]]);
        assert!(text.lines().all(|line| line.chars().count() <= 2 * (WIDEST + 1) + 2), "{}", text.len());
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["1".to_owned(), "größer".to_owned()], ["12".to_owned(), String::new()]];
        assert_eq!(table(["N", "WORD"], &rows), "N   WORD\n1   größer\n12\n");
    }
}
