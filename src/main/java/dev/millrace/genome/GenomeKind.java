package dev.millrace.genome;

import dev.millrace.Internal;
import dev.millrace.batch.DatasetChoices;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@link WindowDataset} for who knows the store only: its windows as they were computed, without position ids. Choices:
 * {@code windows}, a window database in place of the windows in the store; {@code int32}, whether tokens and labels are int32,
 * {@code false} unless chosen.
 */
@Internal
public final class GenomeKind implements DatasetKind {
    private static final WindowTable.Expected ANY = new WindowTable.Expected(0, 0, -1);

    @Override
    public String kind() {
        return GenomeSchema.KIND;
    }

    @Override
    public SqliteDataset<?> open(Path file, Split split, DatasetChoices choices) {
        Optional<Path> windows =
                choices.value("windows", "the file of a window database", Optional.empty(), GenomeKind::existing);
        boolean int32 = choices.flag("int32", false);
        choices.check();
        WindowGeometry geometry = geometry(file, windows.orElse(null), split);
        WindowDataset.Builder builder = WindowDataset.builder()
                .setSequences(file)
                .optSplit(split)
                .optWindowSize(geometry.windowSize())
                .optStride(geometry.stride())
                .optMinLength(geometry.minLength())
                .optInt32(int32)
                .optPositionIds(false)
                .setSampling(1, false);
        windows.ifPresent(builder::optWindows);
        return builder.build();
    }

    private static Optional<Path> existing(String text) {
        Path file = Path.of(text);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(text);
        }
        return Optional.of(file);
    }

    private static WindowGeometry geometry(Path store, @Nullable Path windows, Split split) {
        List<String> faults = new ArrayList<>();
        try (Database database = Database.open(windows == null ? store : windows, Access.READ)) {
            if (windows == null) {
                GenomeSchema.SCHEMA.check(database);
            }
            WindowTable table = windows == null
                    ? WindowTable.ofStore(database, split.id(), ANY, faults)
                    : WindowTable.ofDatabase(database, ANY, faults);
            if (table == null || !faults.isEmpty()) {
                throw WindowSource.unfit(faults, database.file());
            }
            return table.geometry();
        }
    }
}
