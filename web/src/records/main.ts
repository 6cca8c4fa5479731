import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import RecordsPage from './RecordsPage.vue'

keepDisplay()
startPage(RecordsPage, 'desk', 'records.title')
