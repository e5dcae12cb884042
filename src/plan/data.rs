//! Data sets: rows from a file or from the plan, and how a virtual user picks one.

use std::sync::Arc;

use minijinja::Value;
use serde::Deserialize;

/// Rows that expressions see under the set's name, one row an iteration.
#[derive(Debug)]
pub struct DataSet {
    pub name: Arc<str>,
    pub pick: Pick,
    /// At least one row, shared by every VU.
    pub rows: Arc<[Value]>,
}

/// Which row an iteration sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Each row once in the whole run; without one left the iteration stops, counted as `data exhausted`.
    Unique,
    /// The VU's own row, by its number.
    ByVu,
    /// Any row, by the VU's seed.
    Random,
    /// Row after row by the iteration's number in its scenario, from the start again after the last.
    Sequential,
}

/// Rows of a CSV file: the first line names the columns, every cell is text.
///
/// # Errors
/// What is wrong with the file, with its line.
pub(super) fn csv_rows(bytes: &[u8]) -> Result<Vec<Value>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    if let Some(index) = headers.iter().position(str::is_empty) {
        return Err(format!("column {} has no name in the first line", index + 1));
    }
    let columns: Vec<Arc<str>> = headers.iter().map(Arc::from).collect();
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|error| error.to_string())?;
            Ok(Value::from_pairs(columns.iter().cloned().zip(record.iter().map(Value::from))))
        })
        .collect()
}

/// Rows of a JSON file, which holds one array.
///
/// # Errors
/// What is wrong with the file, with line and column where it is no JSON.
pub(super) fn json_rows(bytes: &[u8]) -> Result<Vec<Value>, String> {
    match serde_json::from_slice(bytes).map_err(|error| error.to_string())? {
        serde_json::Value::Array(rows) => rows.iter().map(json_value).collect(),
        serde_json::Value::Object(_) => Err("it holds one object, not an array of rows".to_owned()),
        _ => Err("it holds one value, not an array of rows".to_owned()),
    }
}

/// A row as expressions see it.
///
/// # Errors
/// A number that expressions can't hold.
pub(super) fn json_value(row: &serde_json::Value) -> Result<Value, String> {
    Value::deserialize(row).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_rows_are_maps_of_text() {
        let rows = csv_rows("\u{feff}id, name\n1,\"a, b\"\n2,c\n".as_bytes()).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get_attr("name").unwrap().as_str(), Some("a, b"));
        assert_eq!(rows[1].get_attr("id").unwrap().as_str(), Some("2"));
        assert!(csv_rows(b"id,name\n1\n").unwrap_err().contains("line: 2"), "{:?}", csv_rows(b"id,name\n1\n"));
        assert!(csv_rows(b"id,\n1,2\n").unwrap_err().contains("column 2"));
    }

    #[test]
    fn json_rows_are_an_array() {
        let rows = json_rows(br#"[{"id": 1}, 2, "x"]"#).unwrap();
        assert_eq!(rows[0].get_attr("id").unwrap(), Value::from(1));
        assert!(json_rows(br#"{"a": 1}"#).is_err());
        assert!(json_rows(b"[1,").is_err());
    }
}
