package dev.millrace.batch;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Opens the dataset of one kind of file, for who has a file and does not know its domain. Each domain that trains has one and
 * names it in {@code META-INF/services}; nothing else lists them. Stateless, thread-safe.
 */
public interface DatasetKind {
    /** The {@code kind} that such a file has in {@code dataset_info}. */
    String kind();

    /**
     * Opens the samples of a split, in order, batch by batch of any size; closed by the caller.
     *
     * @param choices what a domain lets one choose; all of them are read before the file is
     * @throws IllegalArgumentException with all faults of the choices
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be read, or has no such split
     */
    SqliteDataset<?> open(Path file, Split split, DatasetChoices choices);

    /** That of a kind of file; empty for files that hold no samples. */
    static Optional<DatasetKind> of(String kind) {
        return all().stream().filter(each -> each.kind().equals(kind)).findFirst();
    }

    /** All kinds on the class path. */
    static List<DatasetKind> all() {
        return ServiceLoader.load(DatasetKind.class, DatasetKind.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * Opens the samples of any file that has some; closed by the caller.
     *
     * @param choices by name, as {@link #open(Path, Split, DatasetChoices)} of its kind reads them; none for the defaults
     * @throws IllegalArgumentException if files of its kind have no samples, or with all faults of the choices
     * @throws dev.millrace.sqlite.DatabaseException if it is no Millrace file, cannot be read, or has no such split
     */
    static SqliteDataset<?> openAny(Path file, Split split, Map<String, String> choices) {
        String kind;
        try (Database database = Database.open(file, Access.READ)) {
            kind = Schema.kindOf(database);
        }
        DatasetKind found = of(kind).orElseThrow(() -> new IllegalArgumentException("Cannot open samples of " + file
                + ": expected a file of kind "
                + String.join(
                        ", ", all().stream().map(DatasetKind::kind).sorted().toList()) + ", found "
                + kind + "."));
        return found.open(file, split, new DatasetChoices(choices));
    }
}
