//! App 2's log, when this program runs inside App 2: the newest file in its own `LogFiles`.
//!
//! On Linux the middleware writes `*_easyauth_docker.log` there, on Windows the module writes into the application log
//! (`Application/*.txt`) where that is switched on.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::case::target_log::TargetLog;

use super::prepare::Prepared;
use super::tail::tail;

/// Only the end of a log speaks of this run: 1 MiB of it is read.
const TAIL: u64 = 1024 * 1024;
/// No more entries of a directory are looked at.
const MOST_FILES: usize = 2000;

/// Reads the end of the newest log. `None`: there is none, or another machine's environment was given.
pub(super) fn read(prepared: &Prepared) -> Option<TargetLog> {
    if prepared.environ.is_some() {
        return None;
    }
    let path = directories(prepared)
        .iter()
        .flat_map(|directory| {
            let own = logs_in(directory, |name| name.ends_with("_easyauth_docker.log"));
            own.into_iter().chain(logs_in(&directory.join("Application"), |name| name.ends_with(".txt")))
        })
        .max_by_key(|(modified, _)| *modified)?
        .1;
    let bytes = tail(&path, TAIL).ok()?;
    Some(TargetLog::from_bytes(&path.display().to_string(), &bytes))
}

/// Where App Service keeps an app's logs: below its home, which a session of SSH may have under another name.
fn directories(prepared: &Prepared) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = match &prepared.variables {
        Some(variables) => {
            variables.iter().filter(|(name, _)| name == "HOME").map(|(_, value)| PathBuf::from(value)).collect()
        }
        None => std::env::var_os("HOME").map(PathBuf::from).into_iter().chain([PathBuf::from("/home")]).collect(),
    };
    homes.dedup();
    homes.into_iter().map(|home| home.join("LogFiles")).collect()
}

fn logs_in(directory: &Path, is_log: impl Fn(&str) -> bool) -> Vec<(SystemTime, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .take(MOST_FILES)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(&is_log))
        .filter_map(|entry| {
            let about = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((about.modified().ok()?, entry.path()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::inputs::Inputs;
    use crate::probe::prepare_with;

    #[test]
    fn the_end_of_the_newest_log_is_read() {
        let home = tempfile::tempdir().unwrap();
        let logs = home.path().join("LogFiles");
        std::fs::create_dir_all(&logs).unwrap();
        let write = |name: &str, text: &str, age: u64| {
            let path = logs.join(name);
            std::fs::write(&path, text).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(crate::probe::clock::calendar() - std::time::Duration::from_secs(age)).unwrap();
        };
        write("old_easyauth_docker.log", "IDX10223: expired\n", 100);
        let padding = "nothing\n".repeat(200_000);
        write("new_easyauth_docker.log", &format!("IDX10205: early\n{padding}IDX10214: late\n"), 10);
        write("default_docker.log", "IDX10501: the app's own\n", 0);
        let variables = vec![("HOME".to_owned(), home.path().display().to_string())];
        let prepared = prepare_with(Inputs::default(), Some(variables)).unwrap();
        let log = read(&prepared).unwrap();
        let numbers: Vec<_> = log.entries.iter().filter_map(|entry| entry.idx.as_deref()).collect();
        assert_eq!(numbers, ["IDX10214"]);
    }
}
