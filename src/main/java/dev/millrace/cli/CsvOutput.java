package dev.millrace.cli;

import dev.millrace.build.PublishedFile;
import dev.millrace.exafs.NumberTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns of numbers to a file, or printed where no file is named. */
final class CsvOutput {
    private CsvOutput() {}

    static void write(Console console, @Nullable Path out, List<String> names, double[]... columns) throws IOException {
        if (out != null) {
            PublishedFile.write(out, writer -> NumberTable.writeCsv(writer, names, columns));
            return;
        }
        StringBuilder text = new StringBuilder();
        NumberTable.writeCsv(text, names, columns);
        console.print(text.toString().stripTrailing());
    }

    /** Reads a table, once it is sure that nothing written will overwrite it. */
    static NumberTable input(Path input, @Nullable Path out, @Nullable Path second) throws IOException {
        Inputs.file(input);
        if (out != null) {
            Inputs.output(out, input);
        }
        if (second != null) {
            Inputs.output(second, out == null ? new Path[] {input} : new Path[] {input, out});
        }
        return NumberTable.read(input);
    }
}
