package dev.millrace.cli;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Molecules as text, one after another from a file or folder. One thread at a time; who opens it closes it. */
final class MoleculeTexts implements Iterator<MoleculeTexts.Text>, Closeable {
    private static final Pattern NUMBERED = Pattern.compile("(?i)(?:ID)?(\\d{1,18})\\.mol");
    private static final String RECORD_END = "$$$$";

    /**
     * One molecule.
     *
     * @param id what the input calls it, if anything
     * @param text a SMILES or a MOL block
     * @param isSmiles which of them
     */
    record Text(@Nullable String id, String text, boolean isSmiles) {}

    private final Supplier<@Nullable Text> supplier;
    private final Closeable file;
    private @Nullable Text next;

    private MoleculeTexts(Supplier<@Nullable Text> supplier, Closeable file) {
        this.supplier = supplier;
        this.file = file;
        this.next = supplier.get();
    }

    /** Every line is one molecule, an empty one too: the SMILES up to the first blank, then a name if there is one. */
    static MoleculeTexts smiles(Path file) throws IOException {
        BufferedReader reader = open(file);
        return new MoleculeTexts(
                () -> {
                    String line = line(reader);
                    if (line == null) {
                        return null;
                    }
                    String[] parts = line.strip().split("\\s+", 2);
                    return new Text(parts.length == 2 ? parts[1] : null, parts[0], true);
                },
                reader);
    }

    /** Records up to {@code $$$$}; the id is the title. */
    static MoleculeTexts sdf(Path file) throws IOException {
        BufferedReader reader = open(file);
        return new MoleculeTexts(() -> sdfRecord(reader), reader);
    }

    /** Files by their number, then the others by name; the id is the number, or the name without its ending. */
    static MoleculeTexts molFolder(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.filter(file ->
                            name(file).toLowerCase(java.util.Locale.ROOT).endsWith(".mol"))
                    .sorted(Comparator.comparingLong(MoleculeTexts::number).thenComparing(MoleculeTexts::name))
                    .toList();
        }
        Iterator<Path> rest = files.iterator();
        return new MoleculeTexts(
                () -> {
                    if (!rest.hasNext()) {
                        return null;
                    }
                    Path file = rest.next();
                    Matcher numbered = NUMBERED.matcher(name(file));
                    String id =
                            numbered.matches() ? numbered.group(1) : name(file).replaceFirst("\\.[^.]*$", "");
                    return new Text(id, content(file), false);
                },
                () -> {});
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public Text next() {
        Text current = next;
        if (current == null) {
            throw new NoSuchElementException("There are no more molecules.");
        }
        next = supplier.get();
        return current;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static @Nullable Text sdfRecord(BufferedReader reader) {
        StringBuilder record = new StringBuilder();
        String title = null;
        boolean blank = true;
        for (String line = line(reader); line != null; line = line(reader)) {
            if (line.startsWith(RECORD_END)) {
                return new Text(title, record.toString(), false);
            }
            title = title == null && record.isEmpty() && !line.isBlank() ? line.strip() : title;
            blank &= line.isBlank();
            record.append(line).append('\n');
        }
        // The last record may lack its end; blank lines after the last end are no record.
        return blank ? null : new Text(title, record.toString(), false);
    }

    private static long number(Path file) {
        Matcher numbered = NUMBERED.matcher(name(file));
        return numbered.matches() ? Long.parseLong(numbered.group(1)) : Long.MAX_VALUE;
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static String content(Path file) {
        try {
            // Bytes that are no UTF-8 become replacement characters: titles often hold them, and they carry no
            // structure.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable String line(BufferedReader reader) {
        try {
            return reader.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the molecules: " + e.getMessage(), e);
        }
    }

    private static BufferedReader open(Path file) throws IOException {
        InputStream stream = Files.newInputStream(file);
        boolean packed = name(file).endsWith(".gz");
        return new BufferedReader(
                new InputStreamReader(packed ? new GZIPInputStream(stream, 1 << 16) : stream, StandardCharsets.UTF_8),
                1 << 16);
    }
}
