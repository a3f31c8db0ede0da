//! The screen and its terminal: on every kind of terminal it is drawn whole, comes back whole, is given back, and waits
//! for nobody. What is compared is what an emulator shows, and the bytes.

use std::time::{Duration, Instant};

use easyauth_doctor::knowledge::phrase;
use rstest::rstest;

use crate::helpers::terminal::{DEADLINE, Kind, Screen};

const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/saved/audience-not-allowed.json");
const CODE: &str = "audience-not-allowed";

/// A saved case on the screen.
fn opened(kind: Kind) -> Screen {
    let screen = Screen::open_in(kind, &["open", CASE], &[]);
    screen.wait_for(CODE);
    screen.settled();
    screen
}

/// What a screen shows, without the blanks that end its rows: some are drawn and some are not.
fn rows(screen: &vt100::Screen) -> Vec<String> {
    let (_, columns) = screen.size();
    screen.rows(0, columns).map(|row| row.trim_end().to_owned()).collect()
}

fn shown(screen: &Screen) -> Vec<String> {
    rows(screen.seen.0.lock().unwrap().parser.screen())
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The final bytes of control sequences that ask the terminal for an answer: device status and attributes.
fn asks(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(start) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        rest = &rest[start + 2..];
        let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)).unwrap_or(0);
        if matches!(rest.get(end), Some(b'n' | b'c' | b't' | b'x')) {
            return true;
        }
    }
    has(bytes, b"\x1b]10;?") || has(bytes, b"\x1b]11;?")
}

/// Whether bytes contain a color: a parameter of a sequence that ends with `m`.
fn has_color(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.split("\x1b[").skip(1).any(|sequence| {
        let (codes, _) = sequence
            .split_once('m')
            .filter(|(codes, _)| codes.chars().all(|code| code.is_ascii_digit() || code == ';'))
            .unwrap_or_default();
        codes.split(';').any(|code| code.parse().is_ok_and(|code: u8| (30..=49).contains(&code) || code >= 90))
    })
}

#[rstest]
fn on_every_terminal_it_is_drawn_whole_and_leaves_the_answer(#[values(0, 1, 2, 3, 4, 5)] kind: usize) {
    let kind = Kind::ALL[kind];
    let mut screen = opened(kind);
    let bytes = screen.bytes();
    let picture = shown(&screen);
    assert!(!picture.iter().any(|row| row.contains("xxx")), "{}: {picture:#?}", kind.name);
    let is_plain = matches!(kind.name, "vt100" | "never-heard-of");
    assert!(!has(&bytes, b"38;5;"), "{}", kind.name);
    assert_eq!(has_color(&bytes), !is_plain, "{}", kind.name);
    assert!(!is_plain || bytes.is_ascii(), "{}", kind.name);
    let has_marks = has(&bytes, "✗".as_bytes());
    assert_eq!(has_marks, !is_plain && kind.name != "linux", "{}", kind.name);
    assert_eq!(has(&bytes, "─".as_bytes()), !is_plain, "{}", kind.name);
    let has_alternate_screen = has(&bytes, b"\x1b[?1049h");
    assert_eq!(has_alternate_screen, kind.name.starts_with(['x', 's']), "{}", kind.name);
    assert!(!asks(&bytes));
    assert!(bytes.len() <= 3 * 1024 + 64, "{}: the first frame has {} bytes", kind.name, bytes.len());
    // Nothing happens, and nothing is written.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(screen.bytes().len(), bytes.len());
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 1);
    assert!(left.contains(&phrase("headline.fails").with("code", CODE).text()), "{left}");
    assert!(left.contains(&phrase("label.actual").text()), "{left}");
    assert!(left.contains("easyauth-doctor open "), "{left}");
}

#[rstest]
fn a_resize_while_it_starts_is_seen(#[values(0, 1, 2, 3, 4, 5, 6, 7)] number: u16) {
    let screen = Screen::open(&["open", CASE], &[]);
    // From before the program runs until its first frame is there.
    if number == 7 {
        screen.wait("the first frame", |now| now.contents().contains(CODE));
    }
    std::thread::sleep(Duration::from_millis(u64::from(number % 7) * 15));
    screen.resize(30, 90 + number);
    screen.wait("the new size", |now| {
        let row = now.rows(0, 90 + number).last().unwrap_or_default();
        row.ends_with("q quit") && row.chars().count() == usize::from(90 + number)
    });
}

#[rstest]
fn it_comes_back_whole_from_every_sleep(#[values(0, 1, 2, 3, 4, 5)] kind: usize) {
    let kind = Kind::ALL[kind];
    let mut screen = opened(kind);
    let before = shown(&screen);
    let whole = |screen: &Screen| screen.wait("the same screen", |now| rows(now) == before);
    screen.keys("\x1a");
    screen.wait_stopped();
    screen.wait("the shell's screen", |now| !now.alternate_screen() && !now.hide_cursor());
    assert!(!screen.is_raw());
    screen.wake();
    whole(&screen);
    screen.settled();
    // What is stopped by force cannot give the terminal back first, and a shell sets the line as it likes it.
    screen.signal("STOP");
    screen.wait_stopped();
    screen.cook();
    assert!(!screen.is_raw());
    screen.wake();
    whole(&screen);
    // Woken without a sleep.
    screen.signal("CONT");
    screen.settled();
    whole(&screen);
    // Somebody else wrote over it.
    screen.seen.0.lock().unwrap().parser.process(b"\x1b[3;3Hnoise\x1b[31m\x1b[7;1H\x1b[Kmore noise");
    screen.keys("\x0c");
    whole(&screen);
    // Another size while it slept.
    screen.keys("\x1a");
    screen.wait_stopped();
    screen.resize(30, 100);
    screen.wake();
    screen.wait("the whole width", |now| rows(now).len() == 30 && rows(now).iter().any(|row| row.chars().count() > 90));
    screen.wait("no old text", |now| !rows(now).iter().any(|row| row.contains("xxx")));
    assert!(!asks(&screen.bytes()));
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn wishes_and_the_locale_decide_what_is_drawn() {
    let cross = "✗".as_bytes();
    let vt100 = Kind::ALL[4];
    for (kind, argument, locale, is_unicode) in [
        (Kind::XTERM, None, "C", false),
        (Kind::XTERM, None, "en_US.UTF-8", true),
        (Kind::XTERM, Some("--ascii"), "en_US.UTF-8", false),
        (vt100, Some("--unicode"), "C", true),
    ] {
        let arguments: Vec<&str> = ["open", CASE].into_iter().chain(argument).collect();
        let mut screen = Screen::open_in(kind, &arguments, &[("LC_ALL", locale)]);
        screen.wait_for(CODE);
        screen.settled();
        assert_eq!(has(&screen.bytes(), cross), is_unicode, "{} {argument:?} {locale}", kind.name);
        assert!(is_unicode || screen.bytes().is_ascii());
        screen.keys("q");
        screen.ended();
    }
}

#[cfg(unix)]
#[test]
fn without_a_name_a_terminal_gets_lines() {
    let screen = Screen::open(&["open", CASE], &[("TERM", "")]);
    let (status, shown) = screen.ended_with();
    assert_eq!(status.exit_code(), 1);
    assert!(shown.contains(&phrase("headline.fails").with("code", CODE).text()), "{shown}");
}

/// Has the program write until the terminal takes no more: it gets another size again and again.
fn fill(screen: &Screen, time: Duration) {
    let end = Instant::now() + time;
    let mut columns = 90;
    while Instant::now() < end {
        columns = if columns == 90 { 100 } else { 90 };
        screen.resize(40, columns);
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// No more than the terminal takes unread, and a few frames: what was pressed meanwhile is one of them.
#[test]
fn what_is_pressed_while_a_terminal_does_not_read_is_one_frame() {
    let mut screen = opened(Kind::XTERM);
    screen.stall(true);
    fill(&screen, Duration::from_secs(3));
    for _ in 0..300 {
        screen.keys("\x1b[B");
    }
    screen.keys("x");
    std::thread::sleep(Duration::from_millis(500));
    screen.resize(24, 80);
    screen.stall(false);
    screen.wait("the requests", |now| now.contents().contains("[Requests]") && now.contents().contains("q quit"));
    let written = screen.settled();
    assert!(written < 160 * 1024, "{written} bytes");
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

/// A machine that is busy shows more of what happens in between: no frame is larger for that, none comes sooner after
/// another, and only what is beyond the few frames of a quick machine costs more than they do.
#[test]
fn a_check_costs_a_slow_line_little_until_its_verdict() {
    const MOST: usize = 6 * 1024;
    const FRAME: usize = 3 * 512;
    const QUICK: usize = 5;
    let begin = Instant::now();
    let screen = Screen::open(&["lab", "caller-not-in-allowed-applications"], &[]);
    screen.wait("the verdict", |now| rows(now)[0].contains("FAIL"));
    let paces = usize::try_from(begin.elapsed().as_millis() / 100).unwrap();
    let written = screen.settled();
    let bytes = screen.bytes();
    let start = b"\x1b[?2026h";
    let starts: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(start)).collect();
    let frames: Vec<usize> =
        starts.iter().zip(starts.iter().skip(1).chain([&bytes.len()])).map(|(from, to)| to - from).collect();
    assert!(frames.iter().all(|frame| *frame <= FRAME), "{frames:?}");
    assert!((3..=paces + 3).contains(&frames.len()), "{frames:?} in {paces} tenths of a second");
    assert!(written <= MOST + FRAME * frames.len().saturating_sub(QUICK), "{frames:?}");
}

#[test]
fn it_ends_on_a_terminal_that_does_not_read() {
    for end in ["TERM", "INT"] {
        let screen = opened(Kind::XTERM);
        screen.stall(true);
        fill(&screen, Duration::from_secs(4));
        screen.signal(end);
        let before = Instant::now();
        let seen = std::sync::Arc::clone(&screen.seen);
        let status = screen.status();
        assert!(before.elapsed() < DEADLINE);
        assert_eq!(status.exit_code(), if end == "TERM" { 143 } else { 130 });
        seen.0.lock().unwrap().release();
    }
}

#[test]
fn interrupts_and_quits_give_the_terminal_back() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("QUIT", 131), ("HUP", 129)] {
        let screen = opened(Kind::XTERM);
        screen.signal(signal);
        assert_eq!(screen.ended().exit_code(), code, "{signal}");
    }
    // Ctrl-C, also within a paste whose end is lost.
    for before in ["", "\x1b[200~eyJhbGciOi"] {
        let mut screen = opened(Kind::XTERM);
        screen.keys(before);
        screen.settled();
        screen.keys("\x03");
        assert_eq!(screen.ended().exit_code(), 130, "after {before:?}");
    }
    // A character of a text that is pasted presses nothing, whatever it is.
    let mut screen = opened(Kind::XTERM);
    screen.keys("\x1b[200~some text \x03\x1a\x1c of a log\x1b[201~");
    screen.wait_for(&phrase("screen.pasted").text());
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn the_lab_is_announced_before_its_keys_are_there() {
    let mut screen = Screen::open(&["lab", "healthy"], &[]);
    screen.wait("the verdict", |now| rows(now)[0].contains('✓'));
    let bytes = screen.bytes();
    let announced = phrase("screen.preparing-lab").text();
    let first = bytes.windows(8).position(|part| part == b"\x1b[?2026l").unwrap();
    assert!(has(&bytes[..first], announced.as_bytes()), "the first frame does not tell");
    screen.keys("q");
    let (status, left) = screen.ended_with();
    assert_eq!(status.exit_code(), 0);
    assert!(left.contains(&phrase("headline.passes").text()), "{left}");
    assert!(left.contains("easyauth-doctor lab \"healthy\""), "{left}");
}

#[rstest]
fn plain_text_is_shown_on_the_normal_screen(#[values(0, 2, 4)] kind: usize) {
    let mut screen = opened(Kind::ALL[kind]);
    let before = shown(&screen);
    screen.keys("P");
    screen.wait_for(&phrase("screen.plain-back").text());
    screen.wait("the normal screen", |now| !now.alternate_screen() && !now.hide_cursor());
    // It can be suspended there, too. The normal screen isn't gone back to twice: this would move the cursor.
    screen.keys("\x1a");
    screen.wait_stopped();
    assert!(!screen.is_raw());
    assert!(screen.bytes().windows(8).filter(|bytes| *bytes == b"\x1b[?1049l").count() <= 1);
    screen.wake();
    screen.wait("the same screen", |now| rows(now) == before && now.hide_cursor());
    screen.keys("P");
    screen.wait_for(&phrase("screen.plain-back").text());
    // Nothing but Enter, Esc, and q lead back.
    screen.keys("s");
    screen.settled();
    screen.keys("\r");
    screen.wait("the same screen", |now| rows(now) == before && now.hide_cursor());
    screen.keys("q");
    assert_eq!(screen.ended().exit_code(), 1);
}

#[test]
fn a_copied_text_goes_the_way_that_is_left_to_it() {
    for (variables, beginning, said) in [
        (&[][..], &b"\x1b]52;c;"[..], "screen.sent-to-terminal"),
        (&[("TMUX", "/tmp/x,1,0")], b"\x1b]52;c;", "screen.sent-to-tmux"),
        (&[("STY", "1.x")], b"\x1bP\x1b]52;c;", "screen.sent-to-screen"),
    ] {
        let mut screen = Screen::open(&["open", CASE], variables);
        screen.wait_for(CODE);
        screen.settled();
        screen.keys("y");
        let said = phrase(said).with("lines", "").text();
        let start = said.split(" (").next().unwrap().to_owned();
        screen.wait_for(&start);
        assert!(has(&screen.bytes(), beginning), "{start}");
        screen.keys("q");
        screen.ended();
    }
}
