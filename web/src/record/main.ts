import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import RecordPage from './RecordPage.vue'

keepDisplay()
startPage(RecordPage, 'desk', 'record.title')
