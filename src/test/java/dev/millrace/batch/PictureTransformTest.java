package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.DType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTransformTest {
    @TempDir
    Path folder;

    /** The elements of one picture as a slot has them. */
    private int[] decode(byte[] blob, DType type, Integer... shape) throws Exception {
        Path file = folder.resolve("pictures.db");
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute("DROP TABLE IF EXISTS p", "CREATE TABLE p (id INTEGER PRIMARY KEY, picture BLOB)");
            try (BulkWriter writer = new BulkWriter(database, 10)) {
                writer.insert("INSERT INTO p (id, picture) VALUES (7, ?)", (Object) blob);
            }
        }
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = QueryDataset.builder()
                        .setDatabase(file)
                        .setIds("SELECT id FROM p")
                        .setRows("SELECT position, picture FROM batch_ids JOIN p USING (id)")
                        .addData(PictureTransform.slot("x", "picture", type, List.of(shape)))
                        .setSampling(1, false)
                        .build();
                Batch batch = dataset.getData(manager).iterator().next()) {
            Number[] values = batch.getData().head().toArray();
            int[] numbers = new int[values.length];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = type == DType.UINT8 ? values[i].intValue() & 0xFF : values[i].intValue();
            }
            return numbers;
        }
    }

    private static byte[] written(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    /** Width 3, height 2: red, green, blue; black, white, (10, 20, 30). */
    private static BufferedImage colours(int type) {
        BufferedImage image = new BufferedImage(3, 2, type);
        int[] pixels = {0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0xFF000000, 0xFFFFFFFF, 0xFF0A141E};
        image.setRGB(0, 0, 3, 2, pixels, 0, 3);
        return image;
    }

    @Test
    void decode_colours_keepOrderOfChannelsAsTheShapeSays() throws Exception {
        int[] planes = {255, 0, 0, 0, 255, 10, 0, 255, 0, 0, 255, 20, 0, 0, 255, 0, 255, 30};
        for (String format : List.of("png", "bmp")) {
            assertThat(decode(written(colours(BufferedImage.TYPE_INT_RGB), format), DType.UINT8, 3, 2, 3))
                    .containsExactly(planes);
        }
        assertThat(decode(written(colours(BufferedImage.TYPE_INT_ARGB), "png"), DType.FLOAT32, 3, 2, 3))
                .containsExactly(planes);
        assertThat(decode(written(tall(), "png"), DType.UINT8, 6, 1, 3))
                .containsExactly(255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 10, 20, 30);
    }

    private static BufferedImage tall() {
        BufferedImage image = new BufferedImage(1, 6, BufferedImage.TYPE_INT_RGB);
        int[] pixels = {0xFF0000, 0x00FF00, 0x0000FF, 0, 0xFFFFFF, 0x0A141E};
        image.setRGB(0, 0, 1, 6, pixels, 0, 1);
        return image;
    }

    @Test
    void decode_grey_isThatOfTheFileAndWeighsColours() throws Exception {
        BufferedImage grey = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 60, 128, 255});
        assertThat(decode(written(grey, "png"), DType.UINT8, 2, 2)).containsExactly(0, 60, 128, 255);
        BufferedImage deep = new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 60 * 257, 128 * 257, 65535});
        assertThat(decode(written(deep, "png"), DType.UINT8, 2, 2)).containsExactly(0, 60, 128, 255);
        assertThat(decode(written(grey, "png"), DType.UINT8, 3, 2, 2)).startsWith(0, 60, 128, 255, 0, 60);
        assertThat(decode(written(colours(BufferedImage.TYPE_INT_RGB), "png"), DType.UINT8, 2, 3))
                .containsExactly(76, 150, 29, 0, 255, 18);
        // A palette has its own way to the colours.
        assertThat(decode(written(colours(BufferedImage.TYPE_BYTE_INDEXED), "png"), DType.UINT8, 1, 2, 3))
                .startsWith(76, 150, 29, 0, 255);
    }

    @Test
    void decode_anotherSize_isTheMeanOfWhatAPixelCovers() throws Exception {
        BufferedImage grey = new BufferedImage(4, 2, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setPixels(0, 0, 4, 2, new int[] {0, 40, 100, 200, 80, 120, 60, 40});
        byte[] png = written(grey, "png");
        assertThat(decode(png, DType.UINT8, 1, 2)).containsExactly(60, 100);
        assertThat(decode(png, DType.UINT8, 1, 1)).containsExactly(80);
        // 4 to 3: the middle covers a third of both neighbours.
        assertThat(decode(png, DType.UINT8, 2, 3)).containsExactly(10, 70, 175, 90, 90, 45);
        assertThat(decode(png, DType.UINT8, 4, 4)).startsWith(0, 40, 100, 200, 0, 40, 100, 200, 80);
    }

    @Test
    void decode_jpeg_isNearWhatWasWritten() throws Exception {
        BufferedImage image = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 32; x++) {
            for (int y = 0; y < 16; y++) {
                image.setRGB(x, y, 0x4080C0);
            }
        }
        int[] decoded = decode(written(image, "jpg"), DType.UINT8, 8, 8, 3);
        for (int i = 0; i < decoded.length; i++) {
            assertThat(decoded[i])
                    .isCloseTo(new int[] {0x40, 0x80, 0xC0}[i % 3], org.assertj.core.data.Offset.offset(3));
        }
    }

    @Test
    void decode_whatIsNoPicture_isRefusedWithTheRow() throws Exception {
        byte[] png = written(colours(BufferedImage.TYPE_INT_RGB), "png");
        assertThatThrownBy(() -> decode(new byte[] {1, 2, 3}, DType.UINT8, 2, 2))
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContainingAll("found a BLOB of 3 bytes of another kind", "column picture", "id 7");
        assertThatThrownBy(() -> decode(java.util.Arrays.copyOf(png, png.length / 2), DType.UINT8, 2, 2))
                .hasMessageContainingAll("that cannot be decoded", "id 7");
        byte[] vast = png.clone();
        // Width and height stand behind the name of the first chunk.
        vast[16] = 0x70;
        vast[20] = 0x70;
        assertThatThrownBy(() -> decode(vast, DType.UINT8, 2, 2)).hasMessageContaining("id 7");
        assertThatThrownBy(() -> PictureTransform.slot("x", "a", DType.UINT8, List.of(2, 2, 2)))
                .hasMessageContaining("with 1 or 3 channels, found [2, 2, 2]");
    }
}
