package dev.millrace.dashboard;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An answer to a request.
 *
 * @param status of HTTP
 * @param type its media type
 * @param body its bytes
 * @param headers beside those that every answer has
 */
record Reply(int status, String type, byte[] body, Map<String, String> headers) {
    static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";

    static Reply json(byte[] body) {
        return new Reply(200, JSON, body, Map.of("Cache-Control", "no-store"));
    }

    /** A refusal, or an error, in words. */
    static Reply text(int status, String words) {
        return new Reply(
                status,
                TEXT,
                (status + " " + words + "\n").getBytes(StandardCharsets.UTF_8),
                Map.of("Cache-Control", "no-store"));
    }

    Reply with(String header, String value) {
        Map<String, String> more = new java.util.LinkedHashMap<>(headers);
        more.put(header, value);
        return new Reply(status, type, body, more);
    }
}
