package dev.millrace.batch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts tables of our own in front of a person's query. */
final class CommonTables {
    private static final Pattern WITH = Pattern.compile(
            "(?:\\s++|--[^\\n]*+\\n|/\\*.*?\\*/)*+WITH\\s+(RECURSIVE\\s+)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private CommonTables() {}

    /** @param definitions common table expressions, which may refer to themselves */
    static String before(String definitions, String query) {
        Matcher with = WITH.matcher(query);
        return "WITH RECURSIVE " + definitions
                + (with.lookingAt() ? ", " + query.substring(with.end()) : "\n" + query.strip());
    }
}
