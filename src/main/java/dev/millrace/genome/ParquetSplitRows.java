package dev.millrace.genome;

import blue.strategic.parquet.ParquetWriter;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** The columns {@code contig_id} (string) and {@code length} (int64) of a Parquet file, compressed with snappy. */
final class ParquetSplitRows implements SplitWriter.Rows {
    private final ParquetWriter<ContigLength> writer;

    ParquetSplitRows(Path file) throws IOException {
        MessageType schema = Types.buildMessage()
                .required(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named(SplitFile.CONTIG_ID)
                .required(PrimitiveTypeName.INT64)
                .named(SplitFile.LENGTH)
                .named("split");
        writer = ParquetWriter.writeFile(schema, file.toFile(), (contig, values) -> {
            values.write(SplitFile.CONTIG_ID, contig.contigId());
            values.write(SplitFile.LENGTH, contig.length());
        });
    }

    @Override
    public void add(String contigId, long length) throws IOException {
        writer.write(new ContigLength(contigId, length));
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
