package dev.millrace.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a user's tables are trained on and measured on, and what their columns are. Kept with the model. Immutable.
 *
 * @param database an SQLite file, which is only read
 * @param cache of computed slots
 * @param ids rows to train on; also to measure on, if a share is drawn
 * @param validationIds rows to measure on; null for a share
 * @param valSplit share of the rows of {@code ids} that is measured on; null with {@code validationIds}
 * @param seed of that share
 * @param rows reads a batch
 * @param data what goes in
 * @param labels what is predicted
 */
record TableQuery(
        Path database,
        @Nullable Path cache,
        String ids,
        @Nullable String validationIds,
        @Nullable Double valSplit,
        long seed,
        String rows,
        List<QueryFile.Slot> data,
        List<QueryFile.Slot> labels) {

    /** This over another file, or with other rows to predict for. */
    TableQuery over(@Nullable Path otherDatabase, @Nullable String otherIds) {
        return new TableQuery(
                otherDatabase == null ? database : otherDatabase,
                cache,
                ids,
                otherIds == null ? validationIds : otherIds,
                otherIds == null ? valSplit : null,
                seed,
                rows,
                data,
                labels);
    }
}
