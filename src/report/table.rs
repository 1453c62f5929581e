//! Tables of plain text.

/// Rows below a heading, each column as wide as its widest cell, the last one as it comes.
pub fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let heading = heading.map(ToOwned::to_owned);
    let all = || std::iter::once(&heading).chain(rows);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["1".to_owned(), "größer".to_owned()], ["12".to_owned(), String::new()]];
        assert_eq!(table(["N", "WORD"], &rows), "N   WORD\n1   größer\n12\n");
    }
}
