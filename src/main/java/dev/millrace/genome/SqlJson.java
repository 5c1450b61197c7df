package dev.millrace.genome;

import java.util.List;

/** JSON for SQLite's json_each. */
final class SqlJson {
    private SqlJson() {}

    /** An array of texts. */
    static String array(List<String> texts) {
        StringBuilder json = new StringBuilder("[");
        for (String text : texts) {
            if (json.length() > 1) {
                json.append(',');
            }
            quote(json, text);
        }
        return json.append(']').toString();
    }

    /** Adds a text in quotes. */
    static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
