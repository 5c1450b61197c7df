package dev.millrace.cli;

import dev.millrace.build.CsvLine;
import dev.millrace.exafs.NumberText;
import dev.millrace.exafs.PathEntry;
import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes rows about paths or absorbers as they come, with or without a curve each: CSV with the values of k in the head, or one JSON
 * object. One thread at a time.
 */
final class PathTable {
    /** How rows are written. */
    enum Format {
        CSV,
        JSON
    }

    /** Columns of a path, those of the source document first. */
    static final List<String> PATH = List.of(
            "id",
            "frame",
            "atom_id",
            "path_num",
            "nleg",
            "deg",
            "reff",
            "path_type",
            "atom_sequence",
            "element",
            "element_type");

    /** Columns of an absorber. */
    static final List<String> ATOM = List.of("frame", "atom_id", "paths");

    private final Writer out;
    private final Format format;
    private final List<String> columns;
    private final double[] k;
    private final double[] weights;
    private long rows;

    /**
     * @param columns before the curve
     * @param k of the curves; empty for rows without one
     * @param kweight power of k that curves are multiplied by
     */
    PathTable(Writer out, Format format, List<String> columns, double[] k, double kweight) {
        this.out = out;
        this.format = format;
        this.columns = columns;
        this.k = k;
        this.weights = new double[k.length];
        for (int i = 0; i < k.length; i++) {
            weights[i] = Math.pow(k[i], kweight);
        }
    }

    /** The cells of a path, in the order of {@link #PATH}; an id that is none, and elements that are not known, are null. */
    static List<@Nullable Object> cells(PathEntry path) {
        return java.util.Arrays.<@Nullable Object>asList(
                path.pathId() == 0 ? null : path.pathId(),
                path.frame(),
                path.atomId(),
                path.number(),
                path.type().legCount(),
                path.degeneracy(),
                path.reff(),
                path.type().name(),
                path.type().sequence(),
                path.element(),
                path.type().elements().isEmpty() ? null : path.type().elementName());
    }

    long rows() {
        return rows;
    }

    void begin() throws IOException {
        if (format == Format.CSV) {
            out.write(String.join(",", columns));
            for (double each : k) {
                out.write("," + NumberText.exact(each));
            }
            out.write("\n");
        } else {
            out.write(
                    k.length == 0
                            ? "{\"paths\": ["
                            : "{\"k\": " + JsonMapper.shared().writeValueAsString(k) + ",\n\"curves\": [");
        }
    }

    void row(List<@Nullable Object> cells) throws IOException {
        row(cells, new double[0]);
    }

    void row(List<@Nullable Object> cells, double[] chi) throws IOException {
        if (format == Format.CSV) {
            CsvLine line = new CsvLine(false);
            for (Object cell : cells) {
                if (cell instanceof Double number) {
                    line.text(NumberText.exact(number));
                } else if (cell instanceof Number number) {
                    line.number(number);
                } else {
                    line.text(cell == null ? "" : cell.toString());
                }
            }
            out.write(line.toString());
            for (int i = 0; i < chi.length; i++) {
                out.write(',');
                out.write(NumberText.exact(chi[i] * weights[i]));
            }
            out.write('\n');
        } else {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            for (int i = 0; i < cells.size(); i++) {
                fields.put(columns.get(i), cells.get(i));
            }
            if (chi.length > 0) {
                double[] weighted = new double[chi.length];
                for (int i = 0; i < chi.length; i++) {
                    weighted[i] = chi[i] * weights[i];
                }
                fields.put("chi", weighted);
            }
            out.write(rows == 0 ? "\n" : ",\n");
            out.write(JsonMapper.shared().writeValueAsString(fields));
        }
        rows++;
    }

    void end() throws IOException {
        if (format == Format.JSON) {
            out.write("\n], \"count\": " + rows + "}\n");
        }
    }
}
