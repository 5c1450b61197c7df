package dev.millrace.metrics;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run. Immutable.
 *
 * @param id its key in the file
 * @param uuid its key among all files
 * @param name the name it was started with
 * @param status how it stands; a running one whose process is gone from this machine, or has been silent for 30 s on
 *     another, is {@link RunStatus#CRASHED}
 * @param startedAt when it was first started
 * @param endedAt when it ended; null while it runs, and after a crash
 * @param lastSeenAt a moment at which it was certainly running, at most about 10 s ago as long as it runs
 * @param host the machine it runs on
 * @param processId the process it runs in
 * @param params its settings, by name
 * @param tags what it was tagged with, in alphabetical order
 */
public record RunInfo(
        long id,
        UUID uuid,
        String name,
        RunStatus status,
        Instant startedAt,
        @Nullable Instant endedAt,
        Instant lastSeenAt,
        String host,
        long processId,
        Map<String, String> params,
        List<String> tags) {}
