package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** {@link ChiParameters} as the JSON in parameter_sets. */
final class ParameterText {
    private ParameterText() {}

    static String write(ChiParameters parameters) {
        return JsonMapper.shared().writeValueAsString(parameters);
    }

    static ChiParameters read(String json, Path file) {
        try {
            return JsonMapper.shared().readValue(json, ChiParameters.class);
        } catch (JacksonException e) {
            throw new CorruptDatabaseException(
                    "Damaged row: expected parameters of χ as JSON, found '" + json + "' (" + file
                            + ", table parameter_sets). Build the file again.",
                    file,
                    e);
        }
    }
}
