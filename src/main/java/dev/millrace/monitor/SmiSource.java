package dev.millrace.monitor;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Readings from one {@code nvidia-smi} that runs as long as it is watched and prints a line per device and interval. Closing
 * kills it; should this JVM be killed, it ends by itself when it next writes.
 */
final class SmiSource implements GpuSource {
    private static final String FIELDS =
            "index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw";
    private static final int NUMBERS = 5;
    private static final int LONGEST_LINE = 4096;

    private final Process process;
    private final BufferedReader lines;

    private SmiSource(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Null where there is no such program. */
    static @Nullable SmiSource open(@Nullable String searchPath, Duration interval) {
        Path program = find(searchPath);
        if (program == null) {
            return null;
        }
        List<String> command = List.of(
                program.toString(),
                "--query-gpu=" + FIELDS,
                "--format=csv,noheader,nounits",
                "-lms",
                Long.toString(interval.toMillis()));
        try {
            return new SmiSource(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException cannotStart) {
            return null;
        }
    }

    private static @Nullable Path find(@Nullable String searchPath) {
        if (searchPath == null) {
            return null;
        }
        for (String folder : searchPath.split(File.pathSeparator, -1)) {
            for (String name : List.of("nvidia-smi", "nvidia-smi.exe")) {
                // An empty entry means the working folder, from which nothing is run unasked.
                Path program = folder.isEmpty() ? null : Path.of(folder, name);
                if (program != null && Files.isRegularFile(program) && Files.isExecutable(program)) {
                    return program;
                }
            }
        }
        return null;
    }

    @Override
    public String name() {
        return "nvidia-smi";
    }

    @Override
    public List<GpuReading> read() throws IOException {
        String line = readLine();
        if (line == null) {
            throw new IOException("nvidia-smi has ended.");
        }
        GpuReading reading = parse(line);
        return reading == null ? List.of() : List.of(reading);
    }

    /** A line, or null at the end. Whatever program this is, it does not fill the memory. */
    private @Nullable String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        int character = lines.read();
        while (character >= 0 && character != '\n') {
            if (line.length() < LONGEST_LINE) {
                line.append((char) character);
            }
            character = lines.read();
        }
        return character < 0 ? null : line.toString();
    }

    /**
     * One line: index, name, utilization, memory used, memory total, temperature, power. The name may contain commas; numbers
     * may be {@code [N/A]}, {@code [Not Supported]} or an error. Null for a line that is no reading.
     */
    static @Nullable GpuReading parse(String line) {
        List<String> fields = new ArrayList<>(List.of(line.strip().split(" *, *", -1)));
        if (fields.size() < 2 + NUMBERS || !fields.get(0).matches("\\d{1,4}")) {
            return null;
        }
        int first = fields.size() - NUMBERS;
        double used = number(fields.get(first + 1));
        double total = number(fields.get(first + 2));
        return new GpuReading(
                Integer.parseInt(fields.get(0)),
                String.join(", ", fields.subList(1, first)),
                number(fields.get(first)),
                total > 0 ? 100 * used / total : Double.NaN,
                number(fields.get(first + 3)),
                number(fields.get(first + 4)));
    }

    private static double number(String field) {
        return field.matches("-?\\d{1,9}(\\.\\d{1,9})?") ? Double.parseDouble(field) : Double.NaN;
    }

    @Override
    public boolean paces() {
        return true;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        // The stream is not closed here: that would wait for the reader, whom the end of the process wakes.
    }
}
