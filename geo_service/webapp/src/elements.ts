/** Styles of the Element Plus components in use; the components themselves are imported where they stand. */
import "element-plus/es/components/base/style/css";
import "element-plus/es/components/button/style/css";
import "element-plus/es/components/checkbox/style/css";
import "element-plus/es/components/config-provider/style/css";
import "element-plus/es/components/date-picker/style/css";
import "element-plus/es/components/segmented/style/css";
import "element-plus/es/components/skeleton/style/css";
import "element-plus/es/components/tabs/style/css";
import "element-plus/es/components/tree-select/style/css";
