//! One self-contained page: no script, nothing fetched, everything escaped.

use crate::case::exchange::{Exchange, Outcome, by_id};
use crate::case::text::{visible, visible_lines};

use super::document::{self, Block, Detail, Tools};
use super::{Report, StepStatus, words};
use super::{junit, markdown};

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1rem;font-weight:normal;opacity:.7}h2{font-size:1.25rem;margin-top:2rem}\
h3{font-size:1rem;margin:1.25rem 0 .25rem}\
.headline{font-size:1.4rem;border-left:.4rem solid;padding-left:.8rem}\
.pass{border-color:#2a8a3e}.warn,.unknown{border-color:#b07d00}.fail{border-color:#c0362c}.skipped{border-color:#888}\
summary{cursor:pointer;border-left:.4rem solid;padding-left:.8rem;margin-top:.5rem}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.8rem;border:1px solid #8885;border-radius:.3rem}code,\
pre{font:14px/1.45 ui-monospace,monospace}\
table{border-collapse:collapse;margin:.5rem 0}td,th{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0;\
border-bottom:1px solid #8883}td{overflow-wrap:anywhere;white-space:pre-wrap}td:first-child{min-width:9.5rem}\
th{overflow-wrap:break-word}th[scope=row]{font-weight:normal}.time{opacity:.6}\
.caution{border-left:.2rem solid #b07d00;padding-left:.8rem}p{white-space:pre-wrap;overflow-wrap:anywhere}\
@media print{body{font-size:12px;max-width:none;margin:0}code,pre{font-size:10px}h2,h3,summary{break-after:avoid}\
pre,tr,li,.caution{break-inside:avoid}\
.step::details-content{content-visibility:visible;block-size:auto}}";

/// All reports on one page.
#[must_use]
pub fn reports(reports: &[Report]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        title(reports)
    );
    if reports.len() > 1 {
        document::summary(reports).iter().for_each(|block| write(&mut page, block));
    }
    for report in reports {
        section(&mut page, report);
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// The title of a tab, a bookmark, or a printed page: the verdict and the call, where there is one report.
fn title(reports: &[Report]) -> String {
    let [report] = reports else { return "easyauth-doctor".to_owned() };
    let target = document::target(report).map(|(_, target)| target);
    let parts: Vec<String> = std::iter::once(words::headline(report)).chain(target).collect();
    escape(&parts.join(" \u{b7} "))
}

fn section(page: &mut String, report: &Report) {
    page.push_str("<main>\n");
    for block in document::head(report) {
        write(page, &block);
    }
    for block in document::conclusion(report, Detail::Normal, Tools::All) {
        write(page, &block);
    }
    write(page, &Block::Heading(words::STEPS.text()));
    for step in report.steps() {
        let open = if step.status == StepStatus::Fail { " open" } else { "" };
        page.push_str(&format!("<details class=\"step\"{open}>\n"));
        for block in document::step(step, Detail::Full) {
            write(page, &block);
        }
        page.push_str("</details>\n");
    }
    if !report.case().exchanges.is_empty() {
        write(page, &Block::Heading(words::REQUESTS.text()));
        for exchange in by_id(&report.case().exchanges) {
            self::exchange(page, exchange);
        }
    }
    page.push_str("</main>\n");
}

/// Text between tags: nothing in it means anything to a browser or a terminal.
fn escape(text: &str) -> String {
    junit::escape(&visible_lines(text))
}

/// Prose, with its commands as code.
fn prose(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let pieces: Vec<&str> = line.split('`').collect();
        if !markdown::has_code(&pieces) {
            return escape(line);
        }
        let piece = |(at, text): (usize, &&str)| match at % 2 {
            1 => format!("<code>{}</code>", escape(text)),
            _ => escape(text),
        };
        pieces.iter().enumerate().map(piece).collect()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn write(page: &mut String, block: &Block) {
    let html = match block {
        Block::Title(text) => format!("<h1>{}</h1>", escape(text)),
        Block::Heading(text) => format!("<h2>{}</h2>", escape(text)),
        Block::Subheading(text) => format!("<h3>{}</h3>", escape(text)),
        Block::Paragraph(text) | Block::Prose(text) => format!("<p>{}</p>", prose(text)),
        Block::Headline { status, text } => {
            format!("<p class=\"headline {}\">{} {}</p>", status.word(), words::glyph(*status, false), escape(text))
        }
        Block::Step { number, status, title, elapsed_ms, summary, .. } => {
            let time =
                if *elapsed_ms == 0 { String::new() } else { format!(" <span class=\"time\">{elapsed_ms} ms</span>") };
            format!(
                "<summary class=\"{}\">{} {} <b>{number} {}</b>{time}</summary>\n<p>{}</p>",
                status.word(),
                words::glyph(*status, false),
                words::status(*status),
                escape(title),
                escape(summary)
            )
        }
        Block::Finding { severity, possible, code, message } => {
            let message = if message.is_empty() { String::new() } else { format!(": {}", escape(message)) };
            format!("<p>{} <code>{code}</code>{message}</p>", words::finding(*severity, *possible))
        }
        Block::Facts(facts) => {
            let row = |(name, value): &(String, String)| {
                format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name), escape(value))
            };
            format!("<table>\n{}</table>", facts.iter().map(row).collect::<String>())
        }
        Block::Table(content) => {
            let title =
                if content.title.is_empty() { String::new() } else { format!("<h3>{}</h3>\n", escape(&content.title)) };
            format!("{title}{}", table(&content.columns, content.rows.iter()))
        }
        Block::Bullets(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("<li>{}</li>", prose(item))).collect();
            format!("<ul>\n{}\n</ul>", items.join("\n"))
        }
        Block::Verbatim(text) => format!("<pre>{}</pre>", escape(text)),
        Block::Caution(text) => format!("<p class=\"caution\"><b>{}:</b> {}</p>", words::CAUTION.text(), prose(text)),
    };
    page.push_str(&html);
    page.push('\n');
}

fn table<Row, Cell>(columns: &[String], rows: impl Iterator<Item = Row>) -> String
where
    Row: IntoIterator<Item = Cell>,
    Cell: AsRef<str>,
{
    let names: String = columns.iter().map(|name| format!("<th>{}</th>", escape(name))).collect();
    let mut html = format!("<table>\n<tr>{names}</tr>\n");
    for row in rows {
        let cells: String = row.into_iter().map(|cell| format!("<td>{}</td>", escape(cell.as_ref()))).collect();
        html.push_str(&format!("<tr>{cells}</tr>\n"));
    }
    html.push_str("</table>");
    html
}

/// A request with its headers and the beginning of the body, folded.
fn exchange(page: &mut String, exchange: &Exchange) {
    let clean = |text: &str| escape(&visible(text));
    let lines = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| format!("{}: {}\n", clean(name), clean(value))).collect::<String>()
    };
    let outcome = match &exchange.outcome {
        Outcome::Answer(answer) => format!(
            "{} {}\n{}\n{}",
            answer.status,
            clean(answer.reason.as_deref().unwrap_or_default()),
            lines(&answer.headers),
            escape(&visible_lines(&answer.excerpt()))
        ),
        Outcome::Failure(failure) => clean(&failure.message),
        Outcome::NotWaitedFor => clean(&words::NOT_WAITED.text()),
    };
    page.push_str(&format!(
        "<details><summary>#{} {} <span class=\"time\">{} ms</span></summary>\n<pre>{} {}\n{}\n\
         {outcome}</pre></details>\n",
        exchange.id,
        escape(exchange.purpose.describe()),
        exchange.elapsed_ms,
        clean(&exchange.method),
        clean(&exchange.url),
        lines(&exchange.request_headers),
    ));
}
