package dev.millrace.metrics;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run. Immutable.
 *
 * @param id its key in the file
 * @param name the name it was started with
 * @param status how it stands; a running one whose process is gone from this machine is {@link RunStatus#CRASHED}
 * @param startedAt when it was first started
 * @param endedAt when it ended; null while it runs, and after a crash
 * @param lastSeenAt a moment at which it was certainly running, at most about 10 s before its last record
 * @param host the machine it runs on
 * @param processId the process it runs in
 * @param params its settings, by name
 */
public record RunInfo(
        long id,
        String name,
        RunStatus status,
        Instant startedAt,
        @Nullable Instant endedAt,
        Instant lastSeenAt,
        String host,
        long processId,
        Map<String, String> params) {}
