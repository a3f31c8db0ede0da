//! Worlds from the field, most of them after public reports, each with the right answer and, where it isn't plain, why.
//! The answers were written before the first run, independently of the code that judges.

#[cfg(unix)]
pub mod arc;
#[cfg(unix)]
pub mod blind_tester;
pub mod caller;
pub mod certain;
#[cfg(unix)]
pub mod contradictions;
pub mod disagreeing_sources;
#[cfg(unix)]
pub mod doubt;
pub mod faults_together;
pub mod files;
#[cfg(unix)]
pub mod forms;
pub mod from_elsewhere;
#[cfg(unix)]
pub mod front;
#[cfg(unix)]
pub mod good_status;
#[cfg(unix)]
pub mod ground;
pub mod heard;
pub mod identity;
#[cfg(unix)]
pub mod left_by_tools;
#[cfg(unix)]
pub mod look_alikes;
pub mod misplaced;
pub mod newly_reported;
pub mod other_tools;
pub mod others_answers;
#[cfg(unix)]
pub mod own_words;
pub mod person;
pub mod reach;
pub mod recorded;
pub mod reports;
pub mod senders;
pub mod settings;
pub mod several_steps;
pub mod several_steps_siblings;
#[cfg(unix)]
pub mod shown_settings;
pub mod speakers;
pub mod substatus;
#[cfg(unix)]
pub mod target;
#[cfg(unix)]
pub mod told_apart;
#[cfg(unix)]
pub mod told_in_threads;
pub mod uncompared;
pub mod unimagined;
pub mod ways;
#[cfg(unix)]
pub mod weak_answers;
pub mod weak_marks;
pub mod whose_answer;
pub mod whose_identity;
