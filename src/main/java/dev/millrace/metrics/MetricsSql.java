package dev.millrace.metrics;

import dev.millrace.sqlite.ReadOnlyQuery;
import dev.millrace.sqlite.SchemaUpgrade;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What a person does to a metrics file by hand: ask it in SQL, bring it to this version. */
public final class MetricsSql {
    private MetricsSql() {}

    /**
     * Runs one SELECT that somebody typed; see {@link ReadOnlyQuery#run}.
     *
     * @throws ReadOnlyQuery.RefusedException if it is no single SELECT, is wrong, or takes longer than {@code limit}
     * @throws dev.millrace.sqlite.SchemaMismatchException if the file is no metrics file, or its views are not ours
     */
    public static ReadOnlyQuery.Result query(Path file, String sql, int mostRows, Duration limit) {
        return ReadOnlyQuery.run(file, MetricsSchema.SCHEMA, sql, mostRows, limit);
    }

    /**
     * Brings a file of an earlier version to this one; see {@link SchemaUpgrade#run}.
     *
     * @return the copy of the file as it was; empty if it is of this version already
     */
    public static Optional<Path> upgrade(Path file) {
        return SchemaUpgrade.run(file, MetricsSchema.SCHEMA);
    }
}
