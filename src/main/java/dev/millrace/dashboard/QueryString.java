package dev.millrace.dashboard;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands behind the question mark of an address. Immutable. */
final class QueryString {
    private static final int MOST_VALUES = 512;

    private final Map<String, List<String>> values;

    private QueryString(Map<String, List<String>> values) {
        this.values = values;
    }

    /** @throws BadRequestException if it cannot be decoded */
    static QueryString of(@Nullable String raw) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (raw != null && !raw.isEmpty()) {
            String[] parts = raw.split("&", -1);
            if (parts.length > MOST_VALUES) {
                throw new BadRequestException(400, "Expected at most " + MOST_VALUES + " values in the address.");
            }
            for (String part : parts) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? part : part.substring(0, equals);
                values.computeIfAbsent(decoded(name), missing -> new ArrayList<>())
                        .add(equals < 0 ? "" : decoded(part.substring(equals + 1)));
            }
        }
        return new QueryString(values);
    }

    /** All values of a name, in their order; empty if there is none. */
    List<String> all(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    String text(String name, String otherwise) {
        List<String> found = all(name);
        return found.isEmpty() ? otherwise : found.get(0);
    }

    int integer(String name, int otherwise, int min, int max) {
        double value = number(name, otherwise);
        if (value != Math.rint(value) || value < min || value > max) {
            throw new BadRequestException(400, name + ": expected a whole number " + min + ".." + max + ".");
        }
        return (int) value;
    }

    double number(String name, double otherwise) {
        String found = text(name, "");
        if (found.isEmpty()) {
            return otherwise;
        }
        try {
            double value = Double.parseDouble(found);
            if (!Double.isNaN(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, together with NaN.
        }
        throw new BadRequestException(400, name + ": expected a number.");
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new BadRequestException(400, "Expected an address that can be decoded.");
        }
    }
}
