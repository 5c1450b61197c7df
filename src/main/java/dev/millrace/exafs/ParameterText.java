package dev.millrace.exafs;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@link ChiParameters} as a JSON object and back. */
final class ParameterText {
    private static final Pattern ENTRY = Pattern.compile("\"(\\w+)\":(?:\"(\\w+)\"|([^,}\"]+))");

    private ParameterText() {}

    /** In the order of the record; a degeneracy of null is {@code null}. */
    static String of(ChiParameters p) {
        return "{\"s02\":" + p.s02() + ",\"e0\":" + p.e0() + ",\"deltar\":" + p.deltar() + ",\"sigma2\":" + p.sigma2()
                + ",\"third\":" + p.third() + ",\"fourth\":" + p.fourth() + ",\"ei\":" + p.ei() + ",\"degeneracy\":"
                + p.degeneracy() + ",\"interpolation\":\""
                + p.interpolation().name().toLowerCase(Locale.ROOT) + "\",\"extrapolates_first\":"
                + p.extrapolatesFirst() + "}";
    }

    /**
     * @param json as {@link #of} writes it; null for the default
     * @throws IllegalArgumentException if it is not
     */
    static ChiParameters parse(@Nullable String json) {
        if (json == null) {
            return ChiParameters.DEFAULT;
        }
        Map<String, String> entries = new HashMap<>();
        Matcher matcher = ENTRY.matcher(json);
        while (matcher.find()) {
            String text = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
            entries.put(String.valueOf(matcher.group(1)), String.valueOf(text));
        }
        String degeneracy = entries.getOrDefault("degeneracy", "null");
        return new ChiParameters(
                number(entries, "s02", json),
                number(entries, "e0", json),
                number(entries, "deltar", json),
                number(entries, "sigma2", json),
                number(entries, "third", json),
                number(entries, "fourth", json),
                number(entries, "ei", json),
                degeneracy.equals("null") ? null : Double.valueOf(degeneracy),
                ChiParameters.Interpolation.valueOf(
                        entries.getOrDefault("interpolation", "").toUpperCase(Locale.ROOT)),
                Boolean.parseBoolean(entries.get("extrapolates_first")));
    }

    private static double number(Map<String, String> entries, String key, String json) {
        String text = entries.get(key);
        if (text == null) {
            throw new IllegalArgumentException("Parameters of χ: expected " + key + ", found " + json + ".");
        }
        return Double.parseDouble(text);
    }
}
