package dev.millrace.molecule;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where molecules come from. {@link #open} streams the entries in a fixed order, with memory for one record at a time. */
public sealed interface MoleculeSource {
    /**
     * Starts reading.
     *
     * @throws IOException if the file or folder cannot be read
     */
    Entries open() throws IOException;

    /** A stream of entries. One thread at a time; close it. */
    interface Entries extends AutoCloseable {
        /** The next entry, or null at the end. */
        @Nullable
        MoleculeEntry next() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** One SMILES a line, optionally followed by white space and a name; blank lines are skipped. Plain or gzip. */
    record SmilesFile(Path file) implements MoleculeSource {
        @Override
        public Entries open() throws IOException {
            return new SmilesEntries(file.toString(), BoundedLines.open(file));
        }
    }

    /**
     * MOL blocks separated by {@code $$$$}; a last record without the separator counts. Plain or gzip.
     *
     * @param dataFields names of the data fields to keep for {@link MoleculeEntry#dataField}, in any case
     */
    record SdfFile(Path file, Set<String> dataFields) implements MoleculeSource {
        public SdfFile {
            TreeSet<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
            names.addAll(dataFields);
            dataFields = Collections.unmodifiableSet(names);
        }

        /** Without data fields. */
        public SdfFile(Path file) {
            this(file, Set.of());
        }

        @Override
        public Entries open() throws IOException {
            return new SdfEntries(file.toString(), BoundedLines.open(file), dataFields);
        }
    }

    /** The {@code .mol} files of a folder, by the number in their name ({@code ID12.MOL}), then those without one by name. */
    record MolFolder(Path folder) implements MoleculeSource {
        private static final Pattern NAME = Pattern.compile("(?:id)?(\\d{1,18})\\.mol", Pattern.CASE_INSENSITIVE);

        @Override
        public Entries open() throws IOException {
            record Numbered(@Nullable BigInteger number, String id, Path file) {}
            List<Numbered> files = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                for (Path file : stream) {
                    String name = String.valueOf(file.getFileName());
                    Matcher matcher = NAME.matcher(name);
                    if (matcher.matches()) {
                        files.add(new Numbered(new BigInteger(matcher.group(1)), matcher.group(1), file));
                    } else if (name.toLowerCase(Locale.ROOT).endsWith(".mol")) {
                        files.add(new Numbered(null, name.substring(0, name.length() - 4), file));
                    }
                }
            }
            files.sort(Comparator.comparing(Numbered::number, Comparator.nullsLast(Comparator.naturalOrder()))
                    .thenComparing(numbered -> numbered.file().toString()));
            return new Entries() {
                private int position;

                @Override
                public @Nullable MoleculeEntry next() throws IOException {
                    if (position == files.size()) {
                        return null;
                    }
                    Numbered file = files.get(position++);
                    try (SdfEntries record =
                            new SdfEntries(file.file().toString(), BoundedLines.open(file.file()), Set.of())) {
                        MoleculeEntry entry = record.next(file.id());
                        return entry == null
                                ? MoleculeEntry.unreadable(file.file().toString(), 1, file.id(), "MOL file is empty")
                                : entry;
                    }
                }

                @Override
                public void close() {
                    // Every file is closed as soon as it is read.
                }
            };
        }
    }

    /** Lines of a SMILES file. */
    final class SmilesEntries implements Entries {
        private final String file;
        private final BoundedLines lines;

        private SmilesEntries(String file, BoundedLines lines) {
            this.file = file;
            this.lines = lines;
        }

        @Override
        public @Nullable MoleculeEntry next() throws IOException {
            for (String line = lines.next(); line != null; line = lines.next()) {
                String text = line.strip();
                if (text.isEmpty()) {
                    continue;
                }
                int end = 0;
                while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
                    end++;
                }
                String name = text.substring(end).strip();
                return MoleculeEntry.smiles(file, lines.number(), name.isEmpty() ? null : name, text.substring(0, end));
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    /** Records of an SDF file. */
    final class SdfEntries implements Entries {
        /** Lines kept of one record; what is beyond makes the record refused. */
        private static final int MAX_LINES = 100_000;

        private static final long MAX_CHARACTERS = 1 << 24;

        private static final int MAX_FIELD_CHARACTERS = 1 << 16;

        private final String file;
        private final BoundedLines lines;
        private final Set<String> dataFields;

        private SdfEntries(String file, BoundedLines lines, Set<String> dataFields) {
            this.file = file;
            this.lines = lines;
            this.dataFields = dataFields;
        }

        @Override
        public @Nullable MoleculeEntry next() throws IOException {
            return next(null);
        }

        private @Nullable MoleculeEntry next(@Nullable String givenId) throws IOException {
            List<String> record = new ArrayList<>();
            long first = lines.number() + 1;
            long characters = 0;
            boolean blank = true;
            boolean tooLarge = false;
            boolean afterBlock = false;
            Map<String, String> fields = new HashMap<>();
            @Nullable String field = null;
            String line = lines.next();
            for (; line != null && !line.startsWith("$$$$"); line = lines.next()) {
                blank &= line.isBlank();
                if (afterBlock) {
                    field = dataLine(line, field, fields);
                } else {
                    characters += line.length();
                    tooLarge |= record.size() >= MAX_LINES || characters > MAX_CHARACTERS;
                    if (tooLarge) {
                        record.clear();
                    } else {
                        record.add(line);
                    }
                }
                afterBlock |= line.startsWith("M  END");
            }
            if (blank && line == null) {
                return null;
            }
            String title = record.isEmpty() ? "" : record.get(0).strip();
            String id = givenId != null ? givenId : title.isEmpty() ? null : title;
            if (tooLarge) {
                return MoleculeEntry.unreadable(
                        file, first, id, "Record is too large: expected at most " + MAX_LINES + " lines");
            }
            return MoleculeEntry.mol(file, first, id, record, fields);
        }

        /** Takes one line after the MOL block; returns the field that the next line belongs to. */
        private @Nullable String dataLine(String line, @Nullable String field, Map<String, String> fields) {
            if (line.startsWith(">")) {
                int from = line.indexOf('<');
                int to = line.lastIndexOf('>');
                String name =
                        from > 0 && to > from ? line.substring(from + 1, to).strip() : "";
                // A second field of the same name does not replace the first.
                boolean wanted = dataFields.contains(name) && fields.putIfAbsent(key(name), "") == null;
                return wanted ? key(name) : null;
            }
            if (field == null || line.isBlank()) {
                return null;
            }
            fields.merge(
                    field,
                    line,
                    (before, more) -> before.isEmpty()
                            ? more
                            : before.length() + more.length() > MAX_FIELD_CHARACTERS ? before : before + "\n" + more);
            return field;
        }

        static String key(String name) {
            return name.toLowerCase(Locale.ROOT);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
