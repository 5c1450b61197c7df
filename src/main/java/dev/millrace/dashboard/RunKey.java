package dev.millrace.dashboard;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run, or a series of a run, as a request names it.
 *
 * @param file number of the file
 * @param run key of the run in it
 * @param series key of the series; 0 if a run is meant
 */
record RunKey(int file, long run, long series) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,18})(?:\\.(\\d{1,18}))?");

    /** @throws BadRequestException if it is no key */
    static RunKey of(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new BadRequestException(400, "Expected a run such as 0.1, or a series such as 0.1.7.");
        }
        return new RunKey(
                Integer.parseInt(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3)));
    }
}
