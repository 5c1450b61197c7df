package dev.millrace.metrics;

import dev.millrace.chart.PlainText;
import dev.millrace.chart.SvgRenderer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Collects the HTML of a report. Every text goes through {@link PlainText#markup}. One thread at a time. */
final class ReportPage {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    /** Longer texts are cut: a page of one setting helps nobody, and the file has the whole. */
    private static final int LONGEST = 2_000;

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title}</title>
            <style>
            {chart}
            :root { --page: #f4f6f8; }
            @media screen and (prefers-color-scheme: dark) { :root { --page: #0f1216; } }
            body { margin: 0; background: var(--page); color: var(--chart-text);
              font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
            main { max-width: 1240px; margin: 0 auto; padding: 28px 24px 48px; }
            h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; overflow-wrap: anywhere; }
            h2 { font-size: 17px; margin: 32px 0 10px; }
            .facts { color: var(--chart-muted); margin: 0 0 20px; overflow-wrap: anywhere; }
            .warning { border-left: 4px solid var(--chart-warning); padding: 4px 12px; }
            .status { display: inline-block; padding: 0 10px; border-radius: 10px; color: #fff; background: #66727f; }
            .finished { background: #1b7f4b; } .failed, .crashed { background: #b3261e; } .running { background: #0b62a4; }
            .tag { display: inline-block; padding: 0 9px; border-radius: 10px; border: 1px solid var(--chart-axis); }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(520px, 100%), 1fr)); gap: 16px; }
            figure, .scroll { margin: 0; background: var(--chart-ground); border: 1px solid var(--chart-grid);
              border-radius: 8px; }
            figure { break-inside: avoid; }
            figure > svg { display: block; width: 100%; height: auto; }
            .scroll { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { text-align: left; padding: 5px 14px; border-top: 1px solid var(--chart-grid); overflow-wrap: anywhere;
              vertical-align: top; }
            tr:first-child > * { border-top: 0; } th { color: var(--chart-muted); font-weight: 600; }
            td.number, th.number { text-align: right; white-space: nowrap; }
            footer { color: var(--chart-muted); font-size: 13px; margin-top: 28px; }
            @media print { body { background: #fff; } main { padding: 0; } }
            </style>
            </head>
            <body><main>
            """;

    private final StringBuilder html = new StringBuilder(1 << 16);
    private List<String> columns = List.of();

    ReportPage(String title) {
        html.append(HEAD.replace("{chart}", SvgRenderer.styleSheet()).replace("{title}", PlainText.markup(title)));
    }

    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** Adds markup as it is. */
    ReportPage raw(String markup) {
        html.append(markup);
        return this;
    }

    /** Adds text of anybody. */
    ReportPage text(String text) {
        html.append(PlainText.markup(PlainText.visible(text, LONGEST)));
        return this;
    }

    void figure(String svg) {
        html.append("<figure>").append(svg).append("</figure>\n");
    }

    /** Begins a table; columns whose title begins with # are of numbers. */
    void table(String title, List<String> titles) {
        columns = titles;
        html.append("<h2>").append(PlainText.markup(title)).append("</h2>\n<div class=\"scroll\"><table>\n<tr>");
        for (String column : titles) {
            html.append(column.startsWith("#") ? "<th class=\"number\">" : "<th>");
            text(column.startsWith("#") ? column.substring(1) : column);
            html.append("</th>");
        }
        html.append("</tr>\n");
    }

    void row(String... cells) {
        html.append("<tr>");
        for (int i = 0; i < cells.length; i++) {
            html.append(columns.get(i).startsWith("#") ? "<td class=\"number\">" : "<td>");
            text(cells[i]);
            html.append("</td>");
        }
        html.append("</tr>\n");
    }

    void endTable() {
        html.append("</table></div>\n");
    }

    /** A table of names and values; nothing if there are none. */
    void pairs(String title, Map<String, String> pairs) {
        if (pairs.isEmpty()) {
            return;
        }
        table(title, List.of());
        pairs.forEach((name, value) -> {
            html.append("<tr><th>");
            text(name).raw("</th><td>").text(value).raw("</td></tr>\n");
        });
        endTable();
    }

    String end(String footer) {
        html.append("<footer>").append(PlainText.markup(footer)).append("</footer>\n</main></body></html>\n");
        return html.toString();
    }
}
