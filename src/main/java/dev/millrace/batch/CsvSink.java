package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.millrace.build.CsvLine;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;

/** Writes CSV: a head line, then a line per sample, its id first. The stream is flushed, not closed. */
final class CsvSink implements ExportSink {
    private static final String ID = "id";

    private final Writer out;
    private List<ExportedArray> arrays = List.of();
    private long samples;

    CsvSink(OutputStream out) {
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    @Override
    public void begin(ExportPlan plan, int count) throws IOException {
        refuseRagged(plan);
        arrays = plan.arrays();
        Set<String> seen = new HashSet<>();
        CsvLine head = new CsvLine(false);
        List<String> columns = new ArrayList<>(List.of(ID));
        arrays.forEach(array -> columns.addAll(array.columns()));
        for (String column : columns) {
            if (!seen.add(column)) {
                throw new ExportRefusedException("Cannot write two columns named '" + column
                        + "' to CSV. Write NPZ, or give an array another name.");
            }
            head.text(column);
        }
        write(head);
    }

    private static void refuseRagged(ExportPlan plan) {
        List<ExportedArray> ragged = plan.ragged();
        if (!ragged.isEmpty()) {
            List<ExportedArray> others =
                    plan.arrays().stream().filter(array -> !array.isRagged()).toList();
            throw new ExportRefusedException("Cannot write " + ExportPlan.names(ragged)
                    + " to CSV: every sample has another number of nodes and edges. Write NPZ"
                    + (others.isEmpty() ? "." : ", or leave them out: choose among " + ExportPlan.names(others) + "."));
        }
    }

    @Override
    public void add(long[] ids, List<NDArray> batch) throws IOException {
        List<Cells> cells = arrays.stream()
                .map(array -> Cells.of(batch.get(array.place()), array))
                .toList();
        for (long id : ids) {
            CsvLine line = new CsvLine(false).number(id);
            cells.forEach(each -> each.put(line));
            write(line);
        }
        samples += ids.length;
    }

    private void write(CsvLine line) throws IOException {
        out.write(line.toString());
        out.write('\n');
    }

    @Override
    public List<DatasetExport.Array> finish() throws IOException {
        out.flush();
        return arrays.stream()
                .map(array -> new DatasetExport.Array(
                        array.name(),
                        array.type().name().toLowerCase(Locale.ROOT),
                        LongStream.of(array.shape(samples)).boxed().toList()))
                .toList();
    }

    /** The elements of an array that are not written yet. */
    private record Cells(ByteBuffer bytes, DataType type, long perRow) {
        static Cells of(NDArray batch, ExportedArray array) {
            boolean half = array.type() == DataType.FLOAT16;
            NDArray readable = half ? batch.toType(DataType.FLOAT32, false) : batch;
            return new Cells(
                    NdArrays.bytes(readable),
                    readable.getDataType(),
                    array.row().size());
        }

        void put(CsvLine line) {
            for (long i = 0; i < perRow; i++) {
                line.number(next());
            }
        }

        private Number next() {
            return switch (type) {
                case FLOAT32 -> bytes.getFloat();
                case FLOAT64 -> bytes.getDouble();
                case INT64 -> bytes.getLong();
                case INT32 -> bytes.getInt();
                case INT8, BOOLEAN -> bytes.get();
                case UINT8 -> Byte.toUnsignedInt(bytes.get());
                default -> throw new ExportRefusedException("Cannot write elements of " + type + " to CSV.");
            };
        }
    }
}
