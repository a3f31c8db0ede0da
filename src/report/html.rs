//! One self-contained page: no script, nothing fetched, everything escaped.

use crate::case::exchange::{Exchange, Outcome, by_id};
use crate::case::text::{visible, visible_lines};

use super::document::{self, Block, Detail, Tools};
use super::junit;
use super::{Report, StepStatus, words};

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1rem;font-weight:normal;opacity:.7}h2{font-size:1.2rem;margin-top:2rem}\
.headline{font-size:1.4rem;border-left:.4rem solid;padding-left:.8rem}\
.pass{border-color:#2a8a3e}.warn,.unknown{border-color:#b07d00}.fail{border-color:#c0362c}.skipped{border-color:#888}\
summary{cursor:pointer;border-left:.4rem solid;padding-left:.8rem;margin-top:.5rem}\
pre{overflow-x:auto;padding:.8rem;border:1px solid #8885;border-radius:.3rem}code,\
pre{font:14px/1.45 ui-monospace,monospace}\
table{border-collapse:collapse;margin:.5rem 0}td,th{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0;\
border-bottom:1px solid #8883;overflow-wrap:anywhere;white-space:pre-wrap}.time{opacity:.6}\
.caution{border-left:.2rem solid #b07d00;padding-left:.8rem}p{white-space:pre-wrap;overflow-wrap:anywhere}";

/// All reports on one page.
#[must_use]
pub fn reports(reports: &[Report]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>easyauth-doctor</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n"
    );
    for report in reports {
        section(&mut page, report);
    }
    page.push_str("</body>\n</html>\n");
    page
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
        page.push_str(&format!("<details{open}>\n"));
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

fn write(page: &mut String, block: &Block) {
    let html = match block {
        Block::Title(text) => format!("<h1>{}</h1>", escape(text)),
        Block::Heading(text) => format!("<h2>{}</h2>", escape(text)),
        Block::Subheading(text) => format!("<h3>{}</h3>", escape(text)),
        Block::Paragraph(text) | Block::Prose(text) => format!("<p>{}</p>", escape(text)),
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
        Block::Facts(facts) => table(&[], facts.iter().map(|(name, value)| [name.as_str(), value.as_str()])),
        Block::Table(content) => {
            let title =
                if content.title.is_empty() { String::new() } else { format!("<h3>{}</h3>\n", escape(&content.title)) };
            format!("{title}{}", table(&content.columns, content.rows.iter()))
        }
        Block::Bullets(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
            format!("<ul>\n{}\n</ul>", items.join("\n"))
        }
        Block::Verbatim(text) => format!("<pre>{}</pre>", escape(text)),
        Block::Caution(text) => format!("<p class=\"caution\"><b>{}:</b> {}</p>", words::CAUTION.text(), escape(text)),
    };
    page.push_str(&html);
    page.push('\n');
}

fn table<Row, Cell>(columns: &[String], rows: impl Iterator<Item = Row>) -> String
where
    Row: IntoIterator<Item = Cell>,
    Cell: AsRef<str>,
{
    let mut html = String::from("<table>\n");
    if !columns.is_empty() {
        let names: String = columns.iter().map(|name| format!("<th>{}</th>", escape(name))).collect();
        html.push_str(&format!("<tr>{names}</tr>\n"));
    }
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
