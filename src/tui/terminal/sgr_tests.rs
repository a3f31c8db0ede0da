//! What the backend makes is shown by an emulator: it must be what was drawn, and it must be short.

use ratatui::Terminal;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::abilities::Clipboard;
use super::*;

const ALL: Abilities =
    Abilities { color: true, marks: true, boxes: true, like_xterm: true, clipboard: Clipboard::Terminal };

fn screen(abilities: Abilities, columns: u16, rows: u16) -> (Terminal<Sgr>, vt100::Parser) {
    let Ok(terminal) = Terminal::new(Sgr::new(abilities, Size::new(columns, rows)));
    (terminal, vt100::Parser::new(rows, columns, 0))
}

/// Draws lines and gives the bytes, which the emulator has seen.
fn draw(terminal: &mut Terminal<Sgr>, parser: &mut vt100::Parser, lines: Vec<Line<'_>>) -> Vec<u8> {
    let Ok(_) = terminal.draw(|frame| frame.render_widget(Paragraph::new(lines), frame.area()));
    let bytes = terminal.backend_mut().take();
    parser.process(&bytes);
    bytes
}

fn rows(parser: &vt100::Parser, columns: u16) -> Vec<String> {
    parser.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect()
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn whatever_is_drawn_is_what_an_emulator_shows() {
    const PIECES: [&str; 10] = ["a", "word", "  ", "      ", "✓", "─", "│ ", "名前", "é", "x y"];
    const STYLES: [Style; 6] = [
        Style::new(),
        Style::new().fg(Color::Red),
        Style::new().fg(Color::LightBlue).add_modifier(Modifier::BOLD),
        Style::new().bg(Color::Green),
        Style::new().add_modifier(Modifier::REVERSED),
        Style::new().add_modifier(Modifier::UNDERLINED).fg(Color::Indexed(200)),
    ];
    let mut numbers = Numbers(7);
    for (columns, height) in [(20, 6), (33, 3), (3, 2), (1, 1)] {
        let (mut terminal, mut parser) = screen(ALL, columns, height);
        for _ in 0..200 {
            let lines: Vec<Line<'_>> = (0..numbers.below(u64::from(height) + 1))
                .map(|_| {
                    let spans = (0..numbers.below(6)).map(|_| {
                        let text = PIECES[usize::try_from(numbers.below(10)).unwrap()];
                        Span::styled(text, STYLES[usize::try_from(numbers.below(6)).unwrap()])
                    });
                    Line::from(spans.collect::<Vec<_>>())
                })
                .collect();
            let before = parser.screen().contents_formatted();
            let bytes = draw(&mut terminal, &mut parser, lines.clone());
            // The same drawn on a fresh screen.
            let (mut fresh, mut seen) = screen(ALL, columns, height);
            draw(&mut fresh, &mut seen, lines);
            assert_eq!(rows(&parser, columns), rows(&seen, columns));
            for place in (0..height).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                let (now, expected) = (parser.screen().cell(place.0, place.1), seen.screen().cell(place.0, place.1));
                let look = |cell: Option<&vt100::Cell>| {
                    let cell = cell.unwrap();
                    // The right half of a wide character looks as the left one does.
                    if cell.is_wide_continuation() {
                        return None;
                    }
                    let is_blank = cell.contents().trim().is_empty();
                    let color = (!is_blank).then(|| (cell.fgcolor(), cell.bold()));
                    Some((cell.bgcolor(), cell.inverse(), cell.underline(), color))
                };
                assert_eq!(
                    look(now),
                    look(expected),
                    "{place:?}: {:?} was drawn over {:?}",
                    String::from_utf8_lossy(&bytes),
                    String::from_utf8_lossy(&before)
                );
            }
        }
    }
}

#[test]
fn nothing_new_is_no_byte() {
    let (mut terminal, mut parser) = screen(ALL, 80, 24);
    let lines = || vec![Line::from("one"), Line::styled("two", Style::new().fg(Color::Red))];
    assert!(!draw(&mut terminal, &mut parser, lines()).is_empty());
    assert_eq!(draw(&mut terminal, &mut parser, lines()), b"");
}

#[test]
fn the_cheapest_way_is_taken() {
    let (mut terminal, mut parser) = screen(ALL, 80, 24);
    let long = "x".repeat(80);
    draw(&mut terminal, &mut parser, vec![Line::from(long.as_str()), Line::from("a b c")]);
    // The blank end of a row is erased, and what is between two changes is written again when that is shorter.
    let bytes = draw(&mut terminal, &mut parser, vec![Line::from("xx"), Line::from("A b C")]);
    assert_eq!(String::from_utf8(bytes).unwrap(), "\x1b[1;3H\x1b[K\x1b[2HA b C");
    // A blank needs no other attributes, and so a color is not taken back and given again.
    let red = Style::new().fg(Color::Red);
    let line = Line::from(vec![Span::styled("A", red), Span::raw(" "), Span::styled("C", red)]);
    let bytes = draw(&mut terminal, &mut parser, vec![Line::from("xx"), line]);
    assert_eq!(String::from_utf8(bytes).unwrap(), "\r\x1b[31mA C  ");
}

#[test]
fn the_sixteen_colors_are_written_as_terminals_with_eight_read_them() {
    let (mut terminal, mut parser) = screen(ALL, 80, 24);
    let colors = [
        (Color::Red, "31"),
        (Color::DarkGray, "90"),
        (Color::LightCyan, "96"),
        (Color::Indexed(3), "33"),
        (Color::Indexed(9), "91"),
        (Color::Indexed(123), "38;5;123"),
        (Color::Rgb(1, 2, 3), "38;2;1;2;3"),
    ];
    for (color, code) in colors {
        let text = format!("{color:?}");
        let bytes = draw(&mut terminal, &mut parser, vec![Line::styled(text, Style::new().fg(color))]);
        let bytes = String::from_utf8(bytes).unwrap();
        assert!(bytes.contains(&format!("\x1b[{code}m")) || bytes.contains(&format!("\x1b[0;{code}m")), "{bytes:?}");
    }
}

#[test]
fn what_a_terminal_cannot_show_is_never_written() {
    let plain = Abilities { color: false, marks: false, boxes: false, like_xterm: false, clipboard: Clipboard::Absent };
    let lines = || vec![Line::styled("✓ é … ─ │ ┌ 名 x\u{301}", Style::new().fg(Color::Red).bg(Color::Blue))];
    let (mut terminal, mut parser) = screen(plain, 40, 2);
    let bytes = draw(&mut terminal, &mut parser, lines());
    assert!(bytes.is_ascii());
    assert_eq!(rows(&parser, 40)[0], "? ? ? - | + ?? ?");
    assert!(parser.screen().cell(0, 0).unwrap().fgcolor() == vt100::Color::Default);
    assert!(parser.screen().cell(0, 0).unwrap().bgcolor() == vt100::Color::Default);
    let console = Abilities { color: true, boxes: true, ..plain };
    let (mut terminal, mut parser) = screen(console, 40, 2);
    draw(&mut terminal, &mut parser, lines());
    assert_eq!(rows(&parser, 40)[0], "? é ? ─ │ ┌ ?? ?");
}

#[test]
fn a_new_size_clears_once_and_asks_nothing() {
    let (mut terminal, mut parser) = screen(ALL, 80, 24);
    draw(&mut terminal, &mut parser, vec![Line::from("one")]);
    terminal.backend_mut().set_size(Size::new(40, 10));
    parser.screen_mut().set_size(10, 40);
    let Ok(()) = terminal.resize(ratatui::layout::Rect::new(0, 0, 40, 10));
    let bytes = draw(&mut terminal, &mut parser, vec![Line::from("one")]);
    assert_eq!(String::from_utf8(bytes).unwrap(), "\x1b[m\x1b[H\x1b[2Jone\x1b[?25l");
}
